/** `node receive.mjs PATH`: prints the datagrams that are sent to a Unix socket, a line each, until it is stopped. */
import { rmSync } from 'node:fs';
import { DatagramSocket } from './socket.mjs';

const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error('usage: node receive.mjs PATH');
  process.exit(2);
}
rmSync(path, { force: true });
const socket = new DatagramSocket();
const problem = socket.bind(path);
if (problem !== null) {
  console.error(`${path}: ${problem}`);
  process.exit(1);
}
console.error(`receiving at ${path}`);
const buffer = Buffer.alloc(1 << 20);
setInterval(() => {
  for (let size = socket.receive(buffer); size >= 0; size = socket.receive(buffer)) {
    console.log(buffer.toString('utf8', 0, size));
  }
}, 1);
