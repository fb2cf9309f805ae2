import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { BlockRing, makeRing, type RingData } from '../../src/drivers/block-ring.js';
import { fillBlock, lengthOf } from './support/ring-blocks.js';
import type { FillerData, PlacedBlock } from './support/ring-filler.js';

/** Both sides of a ring on one thread, which must never wait. */
class OneThread {
  readonly data: RingData;
  readonly filler: BlockRing;
  readonly taker: BlockRing;
  readonly #placed: PlacedBlock[] = [];
  #number = 0;
  #filled = 0;
  #freed = 0;

  constructor(bytes: number) {
    this.data = makeRing(bytes);
    this.filler = new BlockRing(this.data);
    this.taker = new BlockRing(this.data);
  }

  /** Puts a block, after it freed as many as it takes for half of the ring to be free. */
  put(length: number): PlacedBlock {
    while (((this.#filled - this.#freed) >>> 0) * 2 > this.data.bytes) this.free();
    const number = this.#number++;
    const { at, position } = this.filler.put(fillBlock(new Uint8Array(length), number))!;
    this.#filled = position;
    const block = { number, at, length, position };
    this.#placed.push(block);
    return block;
  }

  /** Frees the first block, which is checked. */
  free(): void {
    const block = this.#placed.shift();
    if (block === undefined) return;
    checkBlock(this.taker, block);
    this.taker.free(block.position);
    this.#freed = block.position;
  }

  /** Checks all blocks that are in the ring. */
  check(): void {
    for (const block of this.#placed) checkBlock(this.taker, block);
  }
}

function checkBlock(ring: BlockRing, { at, length, number }: PlacedBlock): void {
  const bytes = ring.block(at, length);
  assert.ok(bytes.equals(fillBlock(new Uint8Array(length), number)), `block ${number} of ${length} bytes at ${at}`);
}

test('blocks lie within the ring, in one piece at whole words, as long as they are not freed', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(64, 256, 1000, 4096),
      fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 200 }),
      (bytes, steps) => {
        const ring = new OneThread(bytes);
        for (const [length, isFreed] of steps) {
          const placed = ring.put(length % (bytes / 4 + 1));
          assert.ok(placed.at >= 0 && placed.at + placed.length <= bytes);
          assert.equal(placed.at % 8, 0);
          if (isFreed) ring.free();
          ring.check();
        }
      },
    ),
    { numRuns: 100, includeErrorInReport: true },
  );
});

test('what is too short at the end of the ring is passed over', () => {
  const ring = new OneThread(400);
  // 13 words are 104 bytes: the fourth of them would end behind the ring.
  const placed = Array.from({ length: 6 }, () => ring.put(97));
  assert.deepEqual(
    placed.map(({ at, position }) => [at, position]),
    [
      [0, 104],
      [104, 208],
      [208, 312],
      [0, 504],
      [104, 608],
      [208, 712],
    ],
  );
});

test('a block of more than a quarter of the ring is not put, and takes no room', () => {
  const ring = new BlockRing(makeRing(400));
  assert.equal(ring.put(new Uint8Array(101)), null);
  assert.equal(ring.put(new Uint8Array(400)), null);
  assert.equal(ring.put(new Uint8Array(100))!.position, 104);
  assert.equal(ring.put(new Uint8Array(0))!.position, 104);
});

/** Lets another thread fill a ring; what arrives is given on, and what goes wrong there ends the thread. */
async function fill(data: FillerData, onBlock: (block: PlacedBlock) => void): Promise<void> {
  const thread = new Worker(new URL('./support/ring-filler.js', import.meta.url), { workerData: data });
  // A thread that waits for ever is ended, and the test fails.
  const deadline = setTimeout(() => thread.terminate(), 60_000);
  let expected = 0;
  let failure: unknown = null;
  thread.on('message', (block: PlacedBlock) => {
    try {
      if (failure !== null) return;
      assert.equal(block.number, expected++);
      onBlock(block);
    } catch (error) {
      failure = error;
      void thread.terminate();
    }
  });
  await once(thread, 'exit');
  clearTimeout(deadline);
  if (failure !== null) throw failure;
  assert.equal(expected, data.blocks);
}

for (const [name, bytes, blocks, share] of [
  ['each block is freed at once', 4096, 3000, 0],
  ['many blocks are freed together', 4096, 3000, 0.5],
  ['the ring is large', 1 << 20, 500, 0.25],
] as const) {
  test(`another thread waits until there is room: ${name}`, async () => {
    const ring = makeRing(bytes);
    const taker = new BlockRing(ring);
    const held: PlacedBlock[] = [];
    let freed = 0;
    await fill({ ring, blocks, length: null }, (block) => {
      assert.equal(block.length, lengthOf(block.number, bytes / 4));
      held.push(block);
      const filled = (block.position - freed) >>> 0;
      assert.ok(filled <= bytes, `${filled} bytes are in the ring`);
      // While less than half of the ring is held, there is room for any block.
      if (filled < share * bytes && block.number < blocks - 1) return;
      for (const one of held.splice(0)) {
        checkBlock(taker, one);
        freed = one.position;
        taker.free(freed);
      }
    });
  });
}

test('positions go on beyond 2 GiB and 4 GiB', async () => {
  const bytes = 64 << 20;
  const length = bytes / 4;
  const ring = makeRing(bytes);
  const taker = new BlockRing(ring);
  await fill({ ring, blocks: 4 * 64 + 8, length }, ({ number, at, position }) => {
    assert.equal(at, (number * length) % bytes);
    assert.equal(position, ((number + 1) * length) | 0);
    // Once the ring is full, when the thread sleeps.
    if (number % 4 === 3) setTimeout(() => taker.free(position), 2);
  });
});
