import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { promisify } from 'node:util';
import { FileTransport, type FileTransportOptions } from '../../../src/exporter/transports/file.js';
import { piece, RecordedEvents } from '../support/events.js';
import { NO_RETRIES, Output } from '../support/output.js';

const root = await mkdtemp(join(tmpdir(), 'sfprocessor-file-'));
after(() => rm(root, { recursive: true }));

let folder = '';
let tests = 0;
let now = 0;
let events = new RecordedEvents();

beforeEach(async () => {
  folder = join(root, String(tests++));
  await mkdir(folder);
  now = 1_000_000;
  events = new RecordedEvents();
});

function make(options: Partial<FileTransportOptions> = {}): Output {
  const path = join(folder, 'out');
  const warned = (message: string): void => events.warned(message);
  const bounds = { rotateSize: 0, rotateAge: 0, rotateKeep: 2 };
  const transport = new FileTransport({ path, ...bounds, now: () => now, warned, ...options });
  return new Output(transport, {}, { now: () => now, events });
}

const text = (name = 'out'): Promise<string> => readFile(join(folder, name), 'utf8');
const string = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

test('appends to what is there', async () => {
  await writeFile(join(folder, 'out'), 'old\n');
  const transport = make();
  await transport.open();
  await transport.write(piece('a', 1), 1);
  await transport.close();
  assert.equal(await text(), `old\n${string(piece('a', 1))}`);
});

test('a record appended to an incomplete last line was joined to it, and both were lost', async () => {
  await writeFile(join(folder, 'out'), 'whole\n{"cut":');
  const transport = make();
  await transport.open();
  await transport.write(piece('a', 1), 1);
  await transport.write(piece('b', 1), 1);
  await transport.close();
  assert.equal(await text(), `whole\n{"cut":\n${string(piece('a', 1))}${string(piece('b', 1))}`);
  assert.deepEqual(transport.counts, { records: 2, bytes: 40, lost: 0 });
  assert.deepEqual(events.told, [
    `warned: ${join(folder, 'out')}: the last line (7 bytes) was incomplete; the next record starts on a new line`,
  ]);
});

test('a file of one long incomplete line is measured whole, and left alone where nothing is written', async () => {
  await writeFile(join(folder, 'out'), 'x'.repeat(200_000));
  const idle = make();
  await idle.open();
  await idle.close();
  assert.equal((await text()).length, 200_000);
  assert.deepEqual(events.told, []);
  const transport = make();
  await transport.open();
  await transport.write(piece('a', 1), 1);
  await transport.close();
  assert.match(events.told.join(), /last line \(200000 bytes\) was incomplete/);
  assert.ok((await text()).endsWith(`x\n${string(piece('a', 1))}`));
});

test('after reopening, the first record was joined to an incomplete last line', async () => {
  const transport = make();
  await transport.open();
  await transport.write(piece('a', 1), 1);
  await rm(join(folder, 'out'));
  await writeFile(join(folder, 'out'), 'cut');
  await transport.reopen();
  await transport.reopen();
  await transport.write(piece('b', 1), 1);
  await transport.reopen();
  await transport.write(piece('c', 1), 1);
  await transport.close();
  assert.equal(await text(), `cut\n${string(piece('b', 1))}${string(piece('c', 1))}`);
  assert.equal(events.told.length, 1, 'it is told once');
});

test('a file that begins with an incomplete line is rotated as any other', async () => {
  await writeFile(join(folder, 'out'), 'cut');
  const transport = make({ rotateSize: 10 });
  await transport.open();
  await transport.write(piece('a', 1), 1);
  await transport.close();
  assert.equal(await text('out.1'), 'cut');
  assert.equal(await text(), string(piece('a', 1)));
});

test('a file that cannot be opened is told with its path', async () => {
  const transport = make({ path: join(folder, 'none', 'out') });
  assert.equal(await transport.open(), `${join(folder, 'none', 'out')}: no such folder (ENOENT)`);
  assert.match((await make({ path: folder }).open())!, /is a folder \(EISDIR\)$/);
});

test('rotates by size between records, keeps as many files as asked', async () => {
  const transport = make({ rotateSize: 100 });
  await transport.open();
  for (const name of ['a', 'b', 'c', 'd']) await transport.write(piece(name, 5), 5);
  await transport.write(piece('e', 1), 1);
  await transport.close();
  assert.deepEqual((await readdir(folder)).sort(), ['out', 'out.1', 'out.2']);
  assert.equal(await text('out'), string(piece('e', 1)));
  assert.equal(await text('out.1'), string(piece('d', 5)));
  assert.equal(await text('out.2'), string(piece('c', 5)));
  assert.deepEqual(transport.counts, { records: 21, bytes: 420, lost: 0 });
});

test('a piece larger than a file is spread over files, and no record is cut', async () => {
  const transport = make({ rotateSize: 70, rotateKeep: 9 });
  await transport.open();
  await transport.write(piece('a', 10), 10);
  await transport.close();
  const parts = await Promise.all(['out.3', 'out.2', 'out.1', 'out'].map((name) => text(name)));
  assert.deepEqual(
    parts.map((part) => part.length),
    [60, 60, 60, 20],
  );
  assert.equal(parts.join(''), string(piece('a', 10)));
});

test('a record larger than a file has one of its own', async () => {
  const transport = make({ rotateSize: 10, rotateKeep: 9 });
  await transport.open();
  await transport.write(piece('a', 2), 2);
  await transport.close();
  assert.equal(`${await text('out.1')}${await text('out')}`, string(piece('a', 2)));
});

test('rotates by age', async () => {
  const transport = make({ rotateAge: 60_000 });
  await transport.open();
  await transport.write(piece('a', 1), 1);
  now += 59_999;
  await transport.write(piece('b', 1), 1);
  now += 1;
  await transport.write(piece('c', 1), 1);
  await transport.close();
  assert.equal(await text('out.1'), string(piece('a', 1)) + string(piece('b', 1)));
  assert.equal(await text('out'), string(piece('c', 1)));
});

/** How many descriptors of this process are open for a file; null where the system does not tell. */
async function countDescriptors(path: string): Promise<number | null> {
  const descriptors = await readdir('/proc/self/fd').catch(() => null);
  if (descriptors === null) return null;
  const targets = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return targets.filter((target) => target === path).length;
}

test('large output that bypasses the page cache is rotated and reopened as any other, and leaves no file open', async () => {
  const transport = make({ rotateAge: 60_000 });
  await transport.open();
  // The first large write to a file goes through the page cache, the second one directly to the disk.
  const writeLarge = async (name: string): Promise<void> => {
    for (let round = 0; round < 2; round++) {
      await Promise.all(Array.from({ length: 5 }, () => transport.write(piece(name, 1001, 999), 1001)));
    }
  };
  const content = (name: string): string => string(piece(name, 1001, 999)).repeat(10);
  await writeLarge('a');
  now += 60_000;
  await writeLarge('b');
  const open = await countDescriptors(join(folder, 'out'));
  await rename(join(folder, 'out'), join(folder, 'moved'));
  await transport.reopen();
  await writeLarge('c');
  await transport.close();
  assert.ok((await text('out.1')) === content('a'));
  assert.ok((await text('moved')) === content('b'));
  assert.ok((await text()) === content('c'));
  const { records, bytes, lost } = transport.statistics;
  assert.deepEqual([records, bytes, lost], [30_030, 30_030 * 999, 0]);
  assert.deepEqual(events.told, []);
  if (open === null) return;
  assert.ok(open <= 2, `${open} descriptors of one file`);
  for (const name of ['out', 'out.1', 'moved']) assert.equal(await countDescriptors(join(folder, name)), 0, name);
});

test('opens the file anew when it was moved away', async () => {
  const transport = make();
  await transport.open();
  await transport.write(piece('a', 1), 1);
  await rename(join(folder, 'out'), join(folder, 'moved'));
  await transport.write(piece('b', 1), 1);
  await transport.reopen();
  await transport.write(piece('c', 1), 1);
  await transport.close();
  assert.equal(await text('moved'), string(piece('a', 1)) + string(piece('b', 1)));
  assert.equal(await text('out'), string(piece('c', 1)));
});

test('pieces that come while another is written are written together, in their order', async () => {
  const transport = make();
  await transport.open();
  const names = [...'abcdefgh'];
  const settled: string[] = [];
  await Promise.all(names.map((name) => transport.write(piece(name, 2), 2).then(() => settled.push(name))));
  const moved = transport.write(piece('i', 1), 1);
  await rename(join(folder, 'out'), join(folder, 'moved'));
  const reopened = transport.reopen();
  const after = transport.write(piece('j', 1), 1);
  await Promise.all([moved, reopened, after, transport.close()]);
  assert.deepEqual(settled, names);
  assert.equal(await text('moved'), [...names.map((name) => string(piece(name, 2))), string(piece('i', 1))].join(''));
  assert.equal(await text('out'), string(piece('j', 1)));
  assert.deepEqual(transport.counts, { records: 18, bytes: 360, lost: 0 });
});

/** A disk that is full after so many blocks of 512 bytes: what some statements write to a file there, and its statistics. */
async function onFullDisk(blocks: number, statements: string): Promise<{ statistics: unknown; content: string }> {
  const path = join(folder, 'bounded');
  const source = (name: string): string => JSON.stringify(new URL(`../../../src/${name}.js`, import.meta.url).href);
  const program = `
    import { FileTransport } from ${source('exporter/transports/file')};
    import { Delivery } from ${source('exporter/delivery/delivery')};
    import { EncodedPiece } from ${source('exporter/encoded-piece')};
    const options = { path: ${JSON.stringify(path)}, rotateSize: 0, rotateAge: 0, rotateKeep: 0, now: Date.now, warned() {} };
    const events = { failed() {}, retrying() {}, recovered() {}, closed() {} };
    const environment = { now: Date.now, random: Math.random, wait: async () => {}, events };
    const transport = new Delivery('file', new FileTransport(options), ${JSON.stringify(NO_RETRIES)}, environment);
    transport.write = (bytes, count) =>
      new Promise((resolve) => transport.offer(new EncodedPiece(bytes, count, null, resolve)));
    await transport.open();
    ${statements}
    await transport.close();
    const { records, bytes, lost } = transport.statistics;
    console.log(JSON.stringify({ records, bytes, lost }));`;
  // An error instead of a signal beyond the limit.
  const command = `ulimit -f ${blocks}; trap "" XFSZ; exec "$0" --input-type=module -e "$1"`;
  const { stdout } = await promisify(execFile)('sh', ['-c', command, process.execPath, program]);
  return { statistics: JSON.parse(stdout), content: await readFile(path, 'utf8') };
}

test('where a disk is full in the middle of several pieces, whole records stay and the rest is counted', async () => {
  const { statistics, content } = await onFullDisk(
    128,
    `const piece = Buffer.from(('x'.repeat(999) + '\\n').repeat(7));
    await Promise.all(Array.from({ length: 20 }, () => transport.write(piece, 7)));`,
  );
  const kept = Math.floor((128 * 512) / 1000);
  assert.deepEqual(statistics, { records: kept, bytes: kept * 1000, lost: 140 - kept });
  assert.equal(content, `${'x'.repeat(999)}\n`.repeat(kept));
});

/** Statements that write 40 pieces of 1,000 records of 999 characters each, eight at once. */
const LARGE_PIECES = `
  const piece = Buffer.from(('x'.repeat(999) + '\\n').repeat(1000));
  for (let round = 0; round < 5; round++) {
    await Promise.all(Array.from({ length: 8 }, () => transport.write(piece, 1000)));
  }`;

test('where a disk is full in the middle of large output, whole records stay and the rest is counted', async () => {
  for (const blocks of [20_001, 40_000, 60_007]) {
    await rm(join(folder, 'bounded'), { force: true });
    const { statistics, content } = await onFullDisk(blocks, LARGE_PIECES);
    const kept = Math.floor((blocks * 512) / 1000);
    assert.deepEqual(statistics, { records: kept, bytes: kept * 1000, lost: 40_000 - kept });
    assert.equal(content, `${'x'.repeat(999)}\n`.repeat(kept));
  }
});

test('a full disk loses records, which are counted, and is told once', { skip: !existsSync('/dev/full') }, async () => {
  const transport = make({ path: '/dev/full' });
  assert.equal(await transport.open(), null);
  await transport.write(piece('a', 3), 3);
  await transport.write(piece('b', 2), 2);
  now += 2000;
  await transport.write(piece('c', 2), 2);
  await transport.close();
  assert.deepEqual(transport.counts, { records: 0, bytes: 0, lost: 7 });
  assert.deepEqual(events.told, ['failed: /dev/full: no space left on the disk (ENOSPC)']);
});

test('goes on after a failure, and tells what was lost', async () => {
  const path = join(folder, 'sub', 'out');
  await mkdir(join(folder, 'sub'));
  const transport = make({ path });
  await transport.open();
  await transport.write(piece('a', 1), 1);
  // Where the folder is gone the file cannot be opened again.
  await rm(join(folder, 'sub'), { recursive: true });
  await transport.reopen();
  await transport.write(piece('b', 2), 2);
  now += 500;
  await transport.write(piece('c', 2), 2);
  await mkdir(join(folder, 'sub'));
  now += 1000;
  await transport.write(piece('d', 1), 1);
  await transport.close();
  assert.equal(await readFile(path, 'utf8'), string(piece('d', 1)));
  assert.deepEqual(transport.counts, { records: 2, bytes: 40, lost: 4 });
  assert.deepEqual(events.told, [
    `failed: ${path}: no such folder (ENOENT)`,
    `recovered: ${path}: writing again, 4 records were lost`,
  ]);
});

test('one record that was lost is told in the singular', async () => {
  const path = join(folder, 'later', 'out');
  await mkdir(join(folder, 'later'));
  const transport = make({ path });
  await transport.open();
  await rm(join(folder, 'later'), { recursive: true });
  await transport.reopen();
  await transport.write(piece('a', 1), 1);
  await mkdir(join(folder, 'later'));
  now += 1000;
  await transport.write(piece('b', 1), 1);
  await transport.close();
  assert.equal(events.told.at(-1), `recovered: ${path}: writing again, 1 record was lost`);
});
