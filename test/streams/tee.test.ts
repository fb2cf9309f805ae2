import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { Merge } from '../../src/streams/merge.js';
import type { Receiver } from '../../src/streams/receiver.js';
import { QUEUED_ITEMS, Tee } from '../../src/streams/tee.js';

/** An item that counts its references. */
class Item {
  readonly number: number;
  references = 1;
  constructor(number: number) {
    this.number = number;
  }
  retain(): void {
    this.references++;
  }
  release(): void {
    assert.ok(this.references > 0, 'given back more often than taken');
    this.references--;
  }
}

/** Takes items at once, or each when {@link open} lets it. */
class Kept implements Receiver<Item> {
  readonly numbers: number[] = [];
  ends = 0;
  readonly #slow: boolean;
  readonly #held: (() => void)[] = [];
  /** Pushes that came while another was not settled. */
  early = 0;

  constructor(slow = false) {
    this.#slow = slow;
  }
  push(item: Item): Promise<void> | undefined {
    if (this.#held.length > 0) this.early++;
    this.numbers.push(item.number);
    item.release();
    return this.#slow ? new Promise((resolve) => this.#held.push(resolve)) : undefined;
  }
  async end(): Promise<void> {
    this.ends++;
  }
  open(): void {
    this.#held.shift()?.();
  }
}

async function pushAll(receiver: Receiver<Item>, items: readonly Item[]): Promise<void> {
  for (const item of items) await receiver.push(item);
}

const itemsOf = (count: number, from = 0): Item[] => Array.from({ length: count }, (_, i) => new Item(from + i));
const numbersOf = (items: readonly Item[]): number[] => items.map(({ number }) => number);

test('every branch of a tee gets every item in order, and references come out even', async () => {
  const branches = [new Kept(), new Kept(), new Kept()];
  const tee = new Tee<Item>(branches);
  const items = itemsOf(100);
  await pushAll(tee, items);
  await tee.end();
  for (const branch of branches) {
    assert.deepEqual(branch.numbers, numbersOf(items));
    assert.equal(branch.ends, 1);
  }
  assert.ok(items.every(({ references }) => references === 0));
});

test('a slow branch holds up another only when its own queue is full, and loses nothing', async () => {
  const slow = new Kept(true);
  const fast = new Kept();
  const tee = new Tee<Item>([slow, fast]);
  const items = itemsOf(40);
  let pushed = false;
  const pushing = pushAll(tee, items).then(() => {
    pushed = true;
  });
  await sleep(10);
  assert.equal(slow.numbers.length, 1);
  assert.ok(fast.numbers.length >= 10, `the fast branch has ${fast.numbers.length}`);
  assert.ok(fast.numbers.length < 40, 'the queue is bounded');
  assert.ok(!pushed);
  while (slow.numbers.length < 40) {
    slow.open();
    await sleep(0);
  }
  await pushing;
  const ending = tee.end();
  slow.open();
  await ending;
  assert.deepEqual(slow.numbers, numbersOf(items));
  assert.deepEqual(fast.numbers, numbersOf(items));
  assert.equal(slow.early, 0, 'one item at a time');
  assert.ok(items.every(({ references }) => references === 0));
});

test('a branch that stops held up its sibling at another bound than the documented one', async () => {
  for (const order of [0, 1]) {
    const blocked = new Kept(true);
    const sibling = new Kept();
    const tee = new Tee<Item>(order === 0 ? [blocked, sibling] : [sibling, blocked]);
    const items = itemsOf(100);
    const pushing = pushAll(tee, items);
    await turn();
    assert.equal(blocked.numbers.length, 1, 'the one it is taking');
    assert.equal(sibling.numbers.length, 1 + QUEUED_ITEMS);
    for (let taken = 2; taken <= 10; taken++) {
      blocked.open();
      await turn();
      assert.equal(blocked.numbers.length, taken);
      assert.equal(sibling.numbers.length, taken + QUEUED_ITEMS, 'one more for each that the blocked branch takes');
    }
    while (blocked.numbers.length < 100) {
      blocked.open();
      await sleep(0);
    }
    await pushing;
    const ending = tee.end();
    blocked.open();
    await ending;
    for (const branch of [blocked, sibling]) assert.deepEqual(branch.numbers, numbersOf(items));
    assert.ok(items.every(({ references }) => references === 0));
  }
});

test('stages that feed one take turns while it is full; the last end is passed on', async () => {
  const receiver = new Kept(true);
  const merge = new Merge<Item>(receiver, 3);
  const feeders = [itemsOf(20), itemsOf(20, 100), itemsOf(20, 200)];
  let done = false;
  const pushing = Promise.all(
    feeders.map(async (items) => {
      await pushAll(merge, items);
      await merge.end();
    }),
  ).then(() => {
    done = true;
  });
  while (!done) {
    receiver.open();
    await sleep(0);
  }
  await pushing;
  assert.equal(receiver.early, 0, 'nobody pushes while another waits');
  assert.equal(receiver.ends, 1);
  for (const items of feeders) {
    const own = receiver.numbers.filter((number) => Math.floor(number / 100) === Math.floor(items[0]!.number / 100));
    assert.deepEqual(own, numbersOf(items));
  }
});
