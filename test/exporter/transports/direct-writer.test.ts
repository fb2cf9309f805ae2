import assert from 'node:assert/strict';
import { constants } from 'node:fs';
import { type FileHandle, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { BLOCK_BYTES, DirectWriter } from '../../../src/exporter/transports/direct-writer.js';
import type { WriteWays } from '../../../src/exporter/transports/write-ways.js';
import { Arena } from '../../../src/wasm/arena.js';

const folder = await mkdtemp(join(tmpdir(), 'sfprocessor-direct-'));
after(() => rm(folder, { recursive: true }));

const ALWAYS: Pick<WriteWays, 'choose' | 'took'> = { choose: () => 'direct', took: () => {} };
const isPossible = await opensDirectly(join(folder, 'probe'));
const skip = isPossible ? false : 'this file system has no direct writes';

async function opensDirectly(path: string): Promise<boolean> {
  await writeFile(path, '');
  try {
    await (await open(path, constants.O_WRONLY | constants.O_DIRECT)).close();
    return true;
  } catch {
    return false;
  }
}

/** Memory in an arena in which pieces begin at a place in a block. */
class Pieces {
  readonly #arena = Arena.create()!;
  readonly #at: number[] = [];
  #next = 1;

  /** A piece of so many bytes that lies in the number-th place, as if it went to a position in the file. */
  piece(number: number, bytes: number, position: number): Buffer {
    this.#at[number] ??= this.#arena.allocate((1 << 20) + BLOCK_BYTES, BLOCK_BYTES);
    const at = this.#at[number]! + (position % BLOCK_BYTES);
    // What is before it is the transport's.
    this.#arena.bytes(this.#at[number]!, position % BLOCK_BYTES).fill(255);
    const piece = Buffer.from(this.#arena.memory.buffer, at, bytes);
    piece.set(Buffer.alloc(bytes, this.#next++ % 251));
    return piece;
  }
}

const pieces = new Pieces();
let files = 0;

async function openFile(content = ''): Promise<{ path: string; file: FileHandle; size: number }> {
  const path = join(folder, String(files++));
  await writeFile(path, content);
  return { path, file: await open(path, 'a'), size: content.length };
}

/** Writes pieces as a transport does; gives the size of the file. */
async function write(writer: DirectWriter, file: FileHandle, batch: readonly Buffer[], size: number): Promise<number> {
  const written = await writer.write(batch, size);
  const rest = Buffer.concat(batch).subarray(written);
  if (rest.length > 0) await file.appendFile(rest);
  const end = size + written + rest.length;
  writer.note(batch, end);
  return end;
}

test('the file is what the pieces are, however long they are and whatever was in it', { skip }, async () => {
  const length = fc.oneof(fc.integer({ min: 1, max: 9000 }), fc.integer({ min: 250_000, max: 1 << 20 }));
  const batches = fc.array(fc.array(fc.record({ length, isOff: fc.nat(9) }), { minLength: 1, maxLength: 6 }), {
    maxLength: 5,
  });
  let direct = 0;
  await fc.assert(
    fc.asyncProperty(batches, fc.constantFrom(0, 1, 4095, 4096, 5000), async (sizes, before) => {
      const { path, file, size: first } = await openFile('b'.repeat(before));
      const writer = new DirectWriter(file, () => 0, ALWAYS);
      let expected = Buffer.from('b'.repeat(before));
      let size = first;
      for (const batch of sizes) {
        let position = size;
        const made = batch.map((one, i) => {
          // Now and then one lies elsewhere in its block.
          const piece = pieces.piece(i, one.length, position + (one.isOff === 0 ? 64 : 0));
          position += one.length;
          return piece;
        });
        expected = Buffer.concat([expected, ...made]);
        size = await write(writer, file, made, size);
      }
      direct += writer.bytes;
      await writer.close();
      await file.close();
      assert.ok(expected.equals(await readFile(path)));
    }),
    { numRuns: 40 },
  );
  assert.ok(direct > 0, 'nothing was written directly');
});

/** Some pieces for a position, of three megabytes together. */
function batchAt(position: number): Buffer[] {
  const sizes = [1_000_001, 999_983, 1_000_003];
  let at = position;
  return sizes.map((bytes, i) => {
    const piece = pieces.piece(i, bytes, at);
    at += bytes;
    return piece;
  });
}

test('where somebody else appends to the file or cuts it, nothing of theirs is overwritten', { skip }, async () => {
  for (const change of ['append', 'cut'] as const) {
    const { path, file, size } = await openFile();
    const writer = new DirectWriter(file, () => 0, ALWAYS);
    const first = batchAt(0);
    const end = await write(writer, file, first, size);
    assert.equal(writer.bytes, end - (end % BLOCK_BYTES));
    const kept = await readFile(path);
    if (change === 'append') await writeFile(path, 'theirs', { flag: 'a' });
    else await writeFile(path, '');
    const second = batchAt(end);
    await write(writer, file, second, end);
    const before = change === 'append' ? [kept, Buffer.from('theirs')] : [];
    assert.ok(Buffer.concat([...before, ...second]).equals(await readFile(path)));
    await file.close();
  }
});

test('a file that was moved away is still the one that is written', { skip }, async () => {
  const { path, file, size } = await openFile();
  await rm(path);
  await writeFile(path, 'another');
  const writer = new DirectWriter(file, () => 0, ALWAYS);
  await write(writer, file, batchAt(0), size);
  assert.ok(writer.bytes > 0);
  assert.equal(await readFile(path, 'utf8'), 'another');
  await writer.close();
  await file.close();
});

test('small runs, and memory that begins anywhere, are left to be appended', async () => {
  const { file } = await openFile();
  const writer = new DirectWriter(file, () => 0, ALWAYS);
  assert.equal(await writer.write([pieces.piece(0, 100_000, 0)], 0), 0);
  assert.equal(await writer.write([Buffer.alloc(3 << 20)], 0), 0);
  assert.equal(writer.bytes, 0);
  await writer.close();
  assert.equal(await writer.write(batchAt(0), 0), 0);
  await file.close();
});

test('what cannot be written directly is left to be appended, for good', async () => {
  const file = await open('/dev/null', 'a');
  const writer = new DirectWriter(file, () => 0, ALWAYS);
  for (let i = 0; i < 2; i++) assert.equal(await writer.write(batchAt(0), 0), 0);
  await file.close();
});

test('the way is chosen by what runs took', { skip }, async () => {
  const taken: unknown[] = [];
  let now = 0;
  const ways = {
    choose: () => (taken.length === 0 ? ('cached' as const) : ('direct' as const)),
    took: (...all: unknown[]) => taken.push(all),
  };
  const { file } = await openFile();
  const writer = new DirectWriter(
    file,
    () => {
      now += 7;
      return now;
    },
    ways,
  );
  const end = await write(writer, file, batchAt(0), 0);
  assert.equal(writer.bytes, 0);
  await write(writer, file, batchAt(end), end);
  assert.ok(writer.bytes > 0);
  assert.deepEqual(taken, [
    ['cached', 2_999_987, 7],
    ['direct', 2_999_987, 7],
  ]);
  await writer.close();
  await file.close();
});
