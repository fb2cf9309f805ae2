import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { type FileHandle, mkdtemp, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import {
  BLOCK_BYTES,
  DirectWriter,
  type MethodChoice,
  MIN_DIRECT_BYTES,
} from '../../../src/exporter/transports/direct-writer.js';

const folder = await mkdtemp(join(tmpdir(), 'sfprocessor-direct-'));
after(() => rm(folder, { recursive: true }));

const ALWAYS_DIRECT: MethodChoice = { choose: () => 'direct', record: () => {} };

/** Chooses direct writes and counts how often. */
class CountedChoice implements MethodChoice {
  count = 0;
  choose(): 'direct' {
    this.count++;
    return 'direct';
  }
  record(): void {}
}

const skip = (await opensDirectly(join(folder, 'probe'))) ? false : 'this file system has no direct writes';

async function opensDirectly(path: string): Promise<boolean> {
  await writeFile(path, '');
  try {
    await (await open(path, constants.O_WRONLY | constants.O_DIRECT)).close();
    return true;
  } catch {
    return false;
  }
}

/** A file that is open for appending, and its direct writer. */
interface Output {
  readonly path: string;
  readonly file: FileHandle;
  readonly writer: DirectWriter;
}

let files = 0;

async function openOutput(content: string, within = folder): Promise<Output> {
  const path = join(within, String(files++));
  await writeFile(path, content);
  const file = await open(path, 'a');
  return { path, file, writer: new DirectWriter(file, () => 0, ALWAYS_DIRECT) };
}

async function closeOutput({ writer, file }: Output): Promise<void> {
  await writer.close();
  await file.close();
}

/** Appends all bytes of some parts, as a transport does. */
async function append(writer: DirectWriter, parts: readonly Uint8Array[]): Promise<void> {
  let rest = [...parts];
  while (rest.length > 0) {
    let written = await writer.write(rest);
    rest = rest.flatMap((part) => {
      const left = part.subarray(written);
      written -= part.length - left.length;
      return left.length === 0 ? [] : left;
    });
  }
}

let fill = 0;

/** Parts of some lengths, each of other bytes. */
function partsOf(...lengths: number[]): Buffer[] {
  return lengths.map((length) => Buffer.alloc(length, `${fill++},`));
}

/** Parts that are large enough to be written directly. */
const largeParts = (): Buffer[] => partsOf(2_000_001, 1, 1_999_983, 1_000_003);

test('the file consists of all parts, however long they are and whatever it contained before', { skip }, async () => {
  const length = fc.oneof(fc.integer({ min: 1, max: 9000 }), fc.integer({ min: 500_000, max: 3 << 20 }));
  const runs = fc.array(fc.array(length, { minLength: 1, maxLength: 9 }), { maxLength: 5 });
  let direct = 0;
  await fc.assert(
    fc.asyncProperty(runs, fc.constantFrom(0, 1, 4095, 4096, 5000), async (lengths, before) => {
      const output = await openOutput('b'.repeat(before));
      const runParts = lengths.map((run) => partsOf(...run));
      for (const parts of runParts) await append(output.writer, parts);
      direct += output.writer.directBytes;
      await closeOutput(output);
      const expected = Buffer.concat([Buffer.alloc(before, 'b'), ...runParts.flat()]);
      assert.ok(expected.equals(await readFile(output.path)));
    }),
    { numRuns: 30 },
  );
  assert.ok(direct > 0, 'nothing was written directly');
});

test('of large parts all whole blocks are written directly', { skip }, async () => {
  for (const before of [0, 1000]) {
    const output = await openOutput('b'.repeat(before));
    const parts = largeParts();
    const size = parts.reduce((sum, part) => sum + part.length, 0);
    assert.equal(await output.writer.write(parts), size, 'by one call');
    const start = before === 0 ? 0 : BLOCK_BYTES;
    assert.equal(output.writer.directBytes, before + size - ((before + size) % BLOCK_BYTES) - start);
    await closeOutput(output);
  }
});

test('parts that are larger than the buffer are written by several calls', { skip }, async () => {
  const output = await openOutput('before');
  const parts = partsOf(1_000_001, 50_000_000, 7);
  await append(output.writer, parts);
  assert.ok(output.writer.directBytes > 48_000_000);
  await closeOutput(output);
  assert.ok(Buffer.concat([Buffer.from('before'), ...parts]).equals(await readFile(output.path)));
});

test('where another program appends to the file or truncates it, none of its bytes are overwritten', {
  skip,
}, async () => {
  for (const theirs of ['theirs', 't'.repeat(BLOCK_BYTES), null]) {
    const output = await openOutput('');
    const before = largeParts();
    await append(output.writer, before);
    if (theirs === null) await truncate(output.path, 0);
    else await writeFile(output.path, theirs, { flag: 'a' });
    const after = largeParts();
    const direct = output.writer.directBytes;
    await append(output.writer, after);
    assert.ok(output.writer.directBytes > direct, 'direct writes go on');
    await closeOutput(output);
    const kept = theirs === null ? [] : [...before, Buffer.from(theirs)];
    assert.ok(Buffer.concat([...kept, ...after]).equals(await readFile(output.path)));
  }
});

test('two programs that write directly to one file at the same time lose nothing', { skip }, async () => {
  const one = await openOutput('');
  const file = await open(one.path, 'a');
  const other = { path: one.path, file, writer: new DirectWriter(file, () => 0, ALWAYS_DIRECT) };
  const byte = (letter: string): Buffer[] => [Buffer.alloc(5_000_001, letter)];
  for (let round = 0; round < 4; round++) {
    await Promise.all([append(one.writer, byte('a')), append(other.writer, byte('b'))]);
  }
  await closeOutput(one);
  await closeOutput(other);
  const content = await readFile(one.path, 'latin1');
  assert.equal(content.length, 8 * 5_000_001);
  assert.equal(content.replaceAll('b', '').length, 4 * 5_000_001);
});

test('a file that was renamed is still the one that is written', { skip }, async () => {
  const output = await openOutput('');
  await rm(output.path);
  await writeFile(output.path, 'another');
  await append(output.writer, largeParts());
  assert.ok(output.writer.directBytes > 0);
  assert.equal(await readFile(output.path, 'utf8'), 'another');
  await closeOutput(output);
});

test('small writes go through the page cache, and all writes do once the writer is closed', async () => {
  const output = await openOutput('');
  await append(output.writer, partsOf(MIN_DIRECT_BYTES - 1));
  await output.writer.close();
  await append(output.writer, largeParts());
  assert.equal(output.writer.directBytes, 0);
  await output.file.close();
});

test('what is not a regular file is written without direct writes', { skip: !existsSync('/dev/null') }, async () => {
  const file = await open('/dev/null', 'a');
  const choice = new CountedChoice();
  const writer = new DirectWriter(file, () => 0, choice);
  for (let i = 0; i < 2; i++) await append(writer, largeParts());
  assert.deepEqual([writer.directBytes, choice.count], [0, 1]);
  await file.close();
});

/** A regular file that can be written on a file system without direct writes: it sets the name of the process. */
const NAME_FILE = '/proc/self/comm';

test('on a file system without direct writes, all is written without them', {
  skip: !existsSync(NAME_FILE),
}, async () => {
  const name = await readFile(NAME_FILE);
  const file = await open(NAME_FILE, 'a');
  const choice = new CountedChoice();
  const writer = new DirectWriter(file, () => 0, choice);
  const parts = largeParts();
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  for (let i = 0; i < 2; i++) assert.equal(await writer.write(parts), size);
  assert.deepEqual([writer.directBytes, choice.count], [0, 1]);
  await file.writev([name]);
  await file.close();
});

test('a file in memory (tmpfs) is written, whether or not it has direct writes', {
  skip: !existsSync('/dev/shm'),
}, async () => {
  const memory = await mkdtemp('/dev/shm/sfprocessor-direct-');
  try {
    const output = await openOutput('before', memory);
    const parts = [...largeParts(), ...largeParts()];
    await append(output.writer, parts.slice(0, 4));
    await append(output.writer, parts.slice(4));
    await closeOutput(output);
    assert.ok(Buffer.concat([Buffer.from('before'), ...parts]).equals(await readFile(output.path)));
  } finally {
    await rm(memory, { recursive: true });
  }
});

test('where the disk is full, all that fits is written and the error is told', { skip }, async () => {
  const source = new URL('../../../src/exporter/transports/direct-writer.js', import.meta.url).href;
  for (const blocks of [8192, 8193, 16_001]) {
    const path = join(folder, `full-${blocks}`);
    const program = `
      import { open } from 'node:fs/promises';
      import { DirectWriter } from ${JSON.stringify(source)};
      const writer = new DirectWriter(await open(${JSON.stringify(path)}, 'a'), () => 0, {
        choose: () => 'direct',
        record() {},
      });
      let written = 0;
      let code = '';
      try {
        while (written < 20e6) written += await writer.write([Buffer.alloc(20e6 - written, 'x')]);
      } catch (error) {
        code = error.code;
      }
      console.log(JSON.stringify([written, code, writer.directBytes > 0]));`;
    // A limit on the size of files, in units of 512 bytes; beyond it, an error instead of a signal.
    const command = `ulimit -f ${blocks}; trap "" XFSZ; exec "$0" --input-type=module -e "$1"`;
    const { stdout } = await promisify(execFile)('sh', ['-c', command, process.execPath, program]);
    assert.deepEqual(JSON.parse(stdout), [blocks * 512, 'EFBIG', true]);
    assert.equal((await readFile(path)).length, blocks * 512);
  }
});

test('writes are timed by the method that was chosen', { skip }, async () => {
  const recorded: unknown[] = [];
  const methods: MethodChoice = {
    choose: () => (recorded.length === 0 ? 'cached' : 'direct'),
    record: (...all) => recorded.push(all),
  };
  let now = 0;
  const { file } = await openOutput('');
  const writer = new DirectWriter(file, () => (now += 7), methods);
  for (let i = 0; i < 2; i++) await append(writer, partsOf(3_000_000, 2_000_000));
  assert.deepEqual(recorded, [
    ['cached', 5_000_000, 7],
    ['direct', 5_000_000, 7],
  ]);
  await closeOutput({ path: '', file, writer });
});
