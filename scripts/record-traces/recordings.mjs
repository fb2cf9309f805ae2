/**
 * Recordings: the name of each trace, with a function that performs it. Its parameter is the command prefix that
 * records a command.
 */
import { spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { attack, startAttacker } from './attack.mjs';
import { SHELL_SESSION } from './shell-session.mjs';

const here = dirname(fileURLToPath(import.meta.url));

export const RECORDINGS = [
  ['shell-session', recordShellSession],
  ['package-install', recordPackageInstall],
  ['npm-install', recordNpmInstall],
  ['web-attack', recordWebAttack],
];

/** An administrator types in a terminal. */
async function recordShellSession(record) {
  layOutShop();
  const server = start(['node', '/srv/shop/server.mjs'], { cwd: '/srv/shop' });
  await untilServed('http://127.0.0.1:8080/health');
  // script(1) gives the shell a terminal.
  const command = [...record, 'bash', '-i'].map((word) => `'${word}'`).join(' ');
  const terminal = start(['script', '-qec', command, '/dev/null'], { cwd: '/root', input: true });
  for (const line of SHELL_SESSION) {
    await sleep(250);
    terminal.process.stdin.write(`${line}\n`);
  }
  await terminal.ended;
  server.process.kill();
  await server.ended;
}

/** Builds, installs, uses and removes a package without a network. */
async function recordPackageInstall(record) {
  cpSync(join(here, 'package'), '/srv/package', { recursive: true });
  for (const file of ['install.sh', 'shop-tools/DEBIAN/postinst', 'shop-tools/usr/bin/shop-report']) {
    chmodSync(join('/srv/package', file), 0o755);
  }
  await start([...record, 'sh', './install.sh'], { cwd: '/srv/package' }).ended;
}

/** Installs a package with a malicious install script. */
async function recordNpmInstall(record) {
  cpSync(join(here, 'npm'), '/srv/npm', { recursive: true });
  mkdirSync('/srv/app');
  writeFileSync('/srv/app/package.json', '{"name":"app","version":"1.0.0","private":true}\n');
  writeFileSync('/root/.npmrc', '//127.0.0.1:4873/:_authToken=not-a-real-token\n');
  await start(['npm', 'pack', '--silent', '../npm/shop-widgets'], { cwd: '/srv/app' }).ended;
  const attacker = await startAttacker();
  const options = ['--offline', '--no-audit', '--no-fund', '--foreground-scripts', '--dangerously-allow-all-scripts'];
  await start([...record, 'npm', 'install', ...options, './shop-widgets-1.0.0.tgz'], { cwd: '/srv/app' }).ended;
  attacker.stop();
}

/** A web server with a vulnerability is used normally, then by an attacker. */
async function recordWebAttack(record) {
  layOutShop();
  const attacker = await startAttacker();
  const server = start([...record, 'sh', '/srv/shop/start.sh'], { cwd: '/' });
  await untilServed('http://127.0.0.1:8080/health');
  await attack('http://127.0.0.1:8080');
  server.process.kill('SIGTERM');
  await server.ended;
  attacker.stop();
}

/** Creates the shop and a typical home folder. */
function layOutShop() {
  cpSync(join(here, 'shop'), '/srv/shop', { recursive: true });
  mkdirSync('/srv/shop/exports', { recursive: true });
  mkdirSync('/var/log/shop', { recursive: true });
  mkdirSync('/root/.ssh', { recursive: true, mode: 0o700 });
  writeFileSync('/root/.ssh/id_ed25519', 'not a real key\n', { mode: 0o600 });
  writeFileSync('/root/.bash_history', 'cd /srv/shop\nls\n');
  writeFileSync('/root/.bashrc', "alias ll='ls -l'\n");
}

function start([program, ...args], { cwd, input = false }) {
  const child = spawn(program, args, { cwd, stdio: [input ? 'pipe' : 'ignore', 'ignore', 'inherit'] });
  return { process: child, ended: new Promise((resolve) => child.on('exit', resolve)) };
}

async function untilServed(url) {
  for (let i = 0; i < 100; i++) {
    try {
      await (await fetch(url)).text();
      return;
    } catch {
      await sleep(100);
    }
  }
  throw new Error(`${url} is not served`);
}

export function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
