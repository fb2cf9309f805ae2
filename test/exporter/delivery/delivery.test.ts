import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { DeliveryPolicy } from '../../../src/exporter/delivery/policy.js';
import { EncodedPiece } from '../../../src/exporter/encoded-piece.js';
import { type BackOff, type NotConnected, OK, type SendResult } from '../../../src/exporter/transport.js';
import { ManualClock, Output } from '../support/output.js';
import { ScriptedTransport } from '../support/scripted-transport.js';

const DOWN: NotConnected = { kind: 'not-connected', reason: 'it is down' };
const BUSY: BackOff = { kind: 'back-off', milliseconds: 5000, reason: 'too many requests' };

const linesOf = (...lines: readonly string[]): Uint8Array => Buffer.from(lines.map((line) => `${line}\n`).join(''));

interface Made {
  readonly output: Output;
  readonly clock: ManualClock;
  /** Offers lines as a piece; the result is kept by their first word. */
  readonly offer: (...lines: readonly string[]) => Promise<void> | undefined;
  readonly settled: Map<string, boolean>;
}

async function make(transport: ScriptedTransport, policy: Partial<DeliveryPolicy> = {}): Promise<Made> {
  const clock = new ManualClock();
  const output = new Output(transport, { retries: 3, ...policy }, { now: clock.now, wait: clock.wait });
  assert.equal(await output.open(), null);
  const settled = new Map<string, boolean>();
  const offer = (...lines: readonly string[]): Promise<void> | undefined =>
    output.delivery.offer(
      new EncodedPiece(linesOf(...lines), lines.length, null, (isDelivered) => settled.set(lines[0]!, isDelivered)),
    );
  return { output, clock, offer, settled };
}

/** Lets time pass until nothing waits for it any more. */
async function pass(clock: ManualClock, most = 1000): Promise<void> {
  for (let i = 0; i < most; i++) {
    await turn();
    if (!clock.next()) return;
  }
}

/** A result that a test gives later. */
function later(): { readonly result: Promise<SendResult>; readonly give: (result: SendResult) => void } {
  let give: (result: SendResult) => void = () => {};
  const result = new Promise<SendResult>((resolve) => {
    give = resolve;
  });
  return { result, give };
}

test('a piece that is taken at once is settled at once, and nobody waits', async () => {
  const transport = new ScriptedTransport();
  const { output, offer, settled } = await make(transport);
  assert.equal(offer('a', 'b'), undefined);
  assert.deepEqual([...settled], [['a', true]]);
  assert.deepEqual(output.counts, { records: 2, bytes: 4, lost: 0 });
  await output.close();
  assert.equal(transport.closed, 1);
});

test('a failed attempt was not repeated: it is, each time after twice the time, and then told once that it works', async () => {
  const transport = new ScriptedTransport([DOWN, BUSY, DOWN], [OK, DOWN]);
  const { output, clock, offer } = await make(transport, { retries: 10 });
  const start = clock.time;
  offer('a');
  const pauses: number[] = [];
  for (;;) {
    await turn();
    if (clock.pauses.length === 0) break;
    pauses.push(clock.pauses[0]!);
    clock.next();
  }
  // The attempts: send, connect, send, send. The other end asked for five seconds.
  assert.deepEqual(pauses, [1000, 2000, 5000, 8000]);
  assert.equal(clock.time - start, 16_000);
  assert.deepEqual(transport.taken, ['a']);
  assert.deepEqual(output.events.told, [
    'retrying: memory: it is down; retrying',
    'recovered: memory: writing again, nothing was lost',
  ]);
  assert.equal(output.statistics.retried, 4);
  assert.deepEqual(output.counts, { records: 1, bytes: 2, lost: 0 });
});

test('pauses grow up to a bound, and are shorter by chance', async () => {
  const transport = new ScriptedTransport(new Array(8).fill(DOWN));
  const clock = new ManualClock();
  const policy = { retries: 100, delay: 1000, maxDelay: 10_000 };
  const output = new Output(transport, policy, { now: clock.now, wait: clock.wait, random: () => 0.5 });
  await output.open();
  void output.write(linesOf('a'), 1);
  const pauses: number[] = [];
  for (let i = 0; i < 6; i++) {
    await turn();
    pauses.push(clock.pauses[0]!);
    clock.next();
  }
  assert.deepEqual(pauses, [750, 1500, 3000, 6000, 7500, 7500]);
});

test('what is queued is sent in its order, in groups of as many pieces as the transport takes', async () => {
  const { result, give } = later();
  const transport = new ScriptedTransport([result], [], { mostPieces: 3 });
  const { offer, output } = await make(transport);
  for (const line of 'abcdef') assert.equal(offer(line), undefined);
  give(OK);
  await output.close();
  assert.deepEqual(transport.calls, ['connect', 'send a', 'send b c d', 'send e f']);
});

test('a full queue holds back what comes until there is room', async () => {
  const { result, give } = later();
  const transport = new ScriptedTransport([result]);
  const { offer } = await make(transport, { queueSize: 3000 });
  assert.equal(offer('a'.repeat(1000)), undefined);
  assert.equal(offer('b'.repeat(400)), undefined);
  const room = offer('c'.repeat(400));
  assert.ok(room !== undefined);
  let isRoom = false;
  void room.then(() => {
    isRoom = true;
  });
  await turn();
  assert.ok(!isRoom);
  give(OK);
  await room;
  assert.ok(transport.taken.length > 0);
});

for (const [overflow, kept, dropped] of [
  ['dropNewest', ['a', 'b', 'c'], ['d', 'e']],
  ['dropOldest', ['a', 'd', 'e'], ['b', 'c']],
] as const) {
  test(`an output that stops held up all others; with ${overflow} it holds up nothing, and tells what it drops`, async () => {
    const { result, give } = later();
    const transport = new ScriptedTransport([result]);
    const { offer, output, settled } = await make(transport, { overflow, queueSize: 3 * 520 });
    for (const line of 'abcde') assert.equal(offer(line), undefined);
    give(OK);
    await output.close();
    assert.deepEqual(transport.taken, kept);
    assert.equal(output.statistics.dropped, 2);
    for (const line of dropped) assert.equal(settled.get(line), false);
    for (const line of kept) assert.equal(settled.get(line), true);
    assert.deepEqual(output.events.told, ['failed: test (memory): the queue is full; records are dropped']);
    assert.deepEqual([...output.delivery.reasons.counts], [['the queue was full', 2]]);
  });
}

test('after the last try everything is given up, and what comes is lost until one of it gets through', async () => {
  const transport = new ScriptedTransport(new Array(4).fill(DOWN));
  const { offer, output, clock, settled } = await make(transport, { retries: 2 });
  offer('a');
  offer('b');
  await turn();
  clock.next();
  await turn();
  clock.next();
  await turn();
  assert.deepEqual(
    [...settled],
    [
      ['a', false],
      ['b', false],
    ],
  );
  assert.equal(offer('c'), undefined, 'nobody waits');
  assert.equal(settled.get('c'), false);
  clock.advance(1000);
  offer('d');
  await turn();
  assert.equal(settled.get('d'), false, 'one try for what comes after that');
  clock.advance(1000);
  offer('e');
  await turn();
  assert.deepEqual(transport.taken, ['e']);
  assert.deepEqual(output.counts, { records: 1, bytes: 2, lost: 4 });
  assert.deepEqual(output.events.told, [
    'retrying: memory: it is down; retrying',
    'failed: memory: it is down',
    'recovered: memory: writing again, 4 records were lost',
  ]);
});

test('records of a piece that were not taken are sent again, those that are refused are not, and none twice', async () => {
  const transport = new ScriptedTransport(
    [
      {
        kind: 'partial',
        failed: [
          { from: 1, to: 2, action: 'reject', reason: 'no such index' },
          { from: 3, to: 6, action: 'retry', reason: 'shard is busy' },
        ],
      },
      { kind: 'partial', failed: [{ from: 1, to: 2, action: 'retry', reason: 'shard is busy' }] },
    ],
    [],
    { mostPieces: 4 },
  );
  const { output, clock, offer, settled } = await make(transport);
  const first = later();
  transport.sends.unshift(first.result);
  offer('0');
  offer('a', 'b', 'c');
  offer('d', 'e');
  offer('f');
  first.give(OK);
  await pass(clock);
  assert.deepEqual(transport.calls.slice(1), ['send 0', 'send a b c d e f', 'send d e f', 'send e']);
  assert.deepEqual(transport.taken, ['0', 'a', 'c', 'd', 'f', 'e']);
  assert.deepEqual(Object.fromEntries(settled), { 0: true, a: false, d: true, f: true });
  assert.deepEqual(output.statistics, {
    records: 6,
    bytes: 12,
    retried: 4,
    lost: 0,
    rejected: 1,
    dropped: 0,
    unread: 0,
  });
  assert.deepEqual(output.events.told, [
    'failed: memory: records were rejected: no such index',
    'retrying: memory: shard is busy; retrying',
    'recovered: memory: writing again, nothing was lost',
  ]);
});

test('ranges of one piece that were sent again together were more pieces than the transport takes', async () => {
  const failed = [0, 2, 4].map((from) => ({ from, to: from + 1, action: 'retry', reason: 'busy' }) as const);
  const transport = new ScriptedTransport([
    { kind: 'partial', failed },
    { kind: 'partial', failed: [failed[0]!] },
  ]);
  const { output, clock, offer, settled } = await make(transport);
  offer('a', 'b', 'c', 'd', 'e');
  offer('f');
  await pass(clock);
  assert.deepEqual(transport.calls.slice(1), ['send a b c d e', 'send a', 'send a', 'send c', 'send e', 'send f']);
  assert.deepEqual([...settled.values()], [true, true]);
  assert.equal(output.statistics.records, 6);
});

test('ranges of a partial result that overlap, go back or lie outside count each record once', async () => {
  const failed = [
    { from: -5, to: 1, action: 'reject', reason: 'x' },
    { from: 0, to: 2, action: 'reject', reason: 'x' },
    { from: 1, to: 0, action: 'retry', reason: 'x' },
    { from: 2, to: 99, action: 'reject', reason: 'x' },
    { from: Number.NaN, to: Number.NaN, action: 'retry', reason: 'x' },
  ] as const;
  const { output, offer } = await make(new ScriptedTransport([{ kind: 'partial', failed }]));
  offer('a', 'b', 'c');
  await output.close();
  assert.equal(output.statistics.rejected, 3);
  assert.equal(output.statistics.records, 0);
});

test('a transport that throws ended the program', async () => {
  const rejected = Promise.reject(new Error('no'));
  rejected.catch(() => {});
  const transport = new ScriptedTransport([new Error('oh'), rejected], [new Error('dear')]);
  const clock = new ManualClock();
  const output = new Output(transport, { retries: 5 }, { now: clock.now, wait: clock.wait });
  assert.equal(await output.open(), null);
  const written = output.write(linesOf('a'), 1);
  await pass(clock);
  assert.ok(await written);
  assert.deepEqual(output.events.told, [
    'retrying: memory: dear; retrying',
    'recovered: memory: writing again, nothing was lost',
  ]);
});

test('an output that cannot be reached at the start ends the program where nothing is tried again', async () => {
  const output = new Output(new ScriptedTransport([], [DOWN]));
  assert.equal(await output.open(), 'memory: it is down');
  const gone = new Output(new ScriptedTransport([], [{ ...DOWN, permanent: 'failed' }]), { retries: 5 });
  assert.equal(await gone.open(), 'memory: it is down');
});

test('where no try can work any more, all is lost at once; where the reader has gone, it is no loss', async () => {
  for (const permanent of ['failed', 'closed'] as const) {
    const transport = new ScriptedTransport([{ ...DOWN, permanent }]);
    const { output, offer } = await make(transport);
    offer('a');
    offer('b', 'c');
    await turn();
    offer('d');
    await output.close();
    const { lost, unread } = output.statistics;
    assert.deepEqual({ lost, unread }, permanent === 'failed' ? { lost: 4, unread: 0 } : { lost: 0, unread: 4 });
    assert.deepEqual(output.events.told, [permanent === 'failed' ? 'failed: memory: it is down' : 'closed']);
    assert.deepEqual(transport.calls, ['connect', 'send a']);
  }
});

test('a program that was told to end waited for an output that is down for ever', async () => {
  const transport = new ScriptedTransport(new Array(100).fill(DOWN));
  const { output, clock, offer } = await make(transport, { retries: 1_000_000, drain: 5000, queueSize: 600 });
  offer('a');
  const room = offer('b');
  assert.ok(room !== undefined);
  await turn();
  output.delivery.drain();
  const ended = clock.time + 5000;
  await pass(clock);
  assert.ok(clock.time <= ended + 1, `${clock.time - ended} ms too late`);
  await room;
  await output.close();
  assert.equal(output.statistics.lost, 2);
  assert.equal(output.events.told.at(-1), 'failed: memory: it is down');
});

test('a slow reader has all the time, a call that comes back no more has that for draining where nobody is to wait', async () => {
  for (const overflow of ['block', 'dropNewest'] as const) {
    const { result, give } = later();
    const transport = new ScriptedTransport([result]);
    const { output, clock, offer, settled } = await make(transport, { overflow, drain: 5000 });
    offer('a');
    let isClosed = false;
    const closing = output.close().then(() => {
      isClosed = true;
    });
    await turn();
    clock.advance(60_000);
    await turn();
    assert.equal(isClosed, overflow !== 'block');
    give(OK);
    await closing;
    assert.equal(settled.get('a'), overflow === 'block');
    assert.equal(transport.closed, 1);
    await turn();
    const { records, lost } = output.statistics;
    assert.deepEqual({ records, lost }, overflow === 'block' ? { records: 1, lost: 0 } : { records: 0, lost: 1 });
  }
});

test('reopening comes after what is under way, and wakes an output that waits for its next try', async () => {
  const { result, give } = later();
  const transport = new ScriptedTransport([result, DOWN]);
  const { output, offer, clock } = await make(transport, { retries: 10, delay: 3_600_000 });
  offer('a');
  const reopened = output.reopen();
  offer('b');
  assert.deepEqual(transport.calls, ['connect', 'send a']);
  give(OK);
  await reopened;
  await turn();
  assert.deepEqual(transport.calls, ['connect', 'send a', 'reopen', 'send b']);
  await output.reopen();
  await output.close();
  assert.deepEqual(transport.taken, ['a', 'b']);
  assert.equal(clock.pauses.length, 0);
});

test('other ends may give another reason for each record: those are counted together beyond a bound', async () => {
  const transport = new ScriptedTransport();
  const { output, offer } = await make(transport);
  for (let i = 0; i < 100; i++) {
    transport.sends.push({ kind: 'partial', failed: [{ from: 0, to: 1, action: 'reject', reason: `no ${i}` }] });
    offer('a');
    await turn();
  }
  await output.close();
  const counts = [...output.delivery.reasons.counts];
  assert.equal(counts.length, 21);
  assert.deepEqual(counts.at(-1), ['other reasons', 80]);
  assert.ok(output.events.told.length <= 21, `${output.events.told.length} messages`);
});

test('a transport that gives no result, or a pause that is no number, made the delivery stop or run hot', async () => {
  const wrong = [undefined, null, {}, { kind: 'fine' }, { kind: 'partial' }] as unknown as SendResult[];
  const pauses = [Number.NaN, Number.POSITIVE_INFINITY, -1, 1e12];
  const asked = pauses.map((milliseconds): BackOff => ({ ...BUSY, milliseconds }));
  const transport = new ScriptedTransport();
  const results: SendResult[] = [...wrong, ...asked, OK];
  transport.send = () => results.shift() as SendResult;
  const { output, clock, offer, settled } = await make(transport, { retries: 20, delay: 1000, maxDelay: 1000 });
  offer('a');
  const seen: number[] = [];
  for (let i = 0; i < wrong.length + asked.length; i++) {
    await turn();
    seen.push(clock.pauses[0]!);
    clock.next();
  }
  await turn();
  assert.deepEqual(seen, [...new Array(8).fill(1000), 3_600_000]);
  assert.equal(settled.get('a'), true);
  assert.equal(output.events.told[0], 'retrying: memory: the transport returned no valid result; retrying');
});
