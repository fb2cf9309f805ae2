/**
 * A small shop with a hole: the name of an export goes into a shell command as it is. It is the victim of the recorded
 * attack, and listens on 127.0.0.1 only.
 */
import { exec } from 'node:child_process';
import { appendFile, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const { port, log } = JSON.parse(await readFile('/srv/shop/config.json', 'utf8'));

const ROUTES = {
  '/health': async () => 'fine\n',
  '/': async () => readFile('/srv/shop/public/index.html', 'utf8'),
  '/item': async (query) => {
    const catalog = JSON.parse(await readFile('/srv/shop/data/catalog.json', 'utf8'));
    return `${JSON.stringify(catalog[query.get('id')] ?? null)}\n`;
  },
  '/export': (query) =>
    new Promise((resolve) => {
      const command = `tar -czf exports/${query.get('name')}.tgz -C data .`;
      exec(command, { cwd: '/srv/shop', timeout: 20_000 }, (_, stdout, stderr) => resolve(stdout + stderr));
    }),
};

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://shop');
  await appendFile(log, `${request.method} ${url.pathname}\n`);
  const route = ROUTES[url.pathname];
  response.statusCode = route === undefined ? 404 : 200;
  response.end(route === undefined ? 'not found\n' : await route(url.searchParams));
});
server.listen(port, '127.0.0.1');
process.on('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
