import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type ByteBuffer, LARGEST_BUFFER } from '../../src/exporter/byte-buffer.js';
import type { DeliveryPolicy } from '../../src/exporter/delivery/policy.js';
import type { Encoder } from '../../src/exporter/encoder.js';
import { Exporter } from '../../src/exporter/exporter.js';
import { type NotConnected, OK, type SendResult, type Transport } from '../../src/exporter/transport.js';
import { createPolicyEngine } from '../../src/policy/engine/policy-engine.js';
import { createReader } from '../../src/reader/reader.js';
import type { FlatBatch } from '../../src/records/flat-batch.js';
import type { FlatRecord } from '../../src/records/flat-record.js';
import { Acknowledgement, type Outcome } from '../../src/streams/acknowledgement.js';
import type { Receiver } from '../../src/streams/receiver.js';
import { Tee } from '../../src/streams/tee.js';
import type { RecordBatch } from '../../src/sysflow/record-batch.js';
import { RecordKind } from '../../src/sysflow/record-types.js';
import { ManualClock, Output } from '../exporter/support/output.js';
import { ScriptedTransport } from '../exporter/support/scripted-transport.js';
import { BatchBuilder } from '../support/records.js';

const DOWN: NotConnected = { kind: 'not-connected', reason: 'it is down' };

const encoder: Encoder = {
  encode(record: FlatRecord, out: ByteBuffer): void {
    out.appendAscii(String(record.tid));
    if (record.tid === 13n) out.reserve(LARGEST_BUFFER);
  },
};

interface Branch {
  readonly exporter: Exporter;
  readonly output: Output;
  readonly clock: ManualClock;
}

function branchOf(transport: Transport, policy: Partial<DeliveryPolicy> = {}, pieceRecords = 2): Branch {
  const clock = new ManualClock();
  const output = new Output(transport, policy, { now: clock.now, wait: clock.wait });
  const exporter = new Exporter({ encoder, delivery: output.delivery, now: () => 0, pieceRecords });
  return { exporter, output, clock };
}

/** A batch of events with an acknowledgement, and what that said. */
function batchOf(tids: readonly number[]): { readonly batch: RecordBatch; readonly outcomes: Outcome[] } {
  const builder = new BatchBuilder().header();
  for (const tid of tids) builder.event(RecordKind.processEvent, { tid: BigInt(tid) });
  const outcomes: Outcome[] = [];
  builder.batch.acknowledgement = new Acknowledgement((outcome) => outcomes.push(outcome));
  return { batch: builder.batch, outcomes };
}

const readerTo = (receiver: Receiver<FlatBatch>): Receiver<RecordBatch> => createReader({ rateLimit: null }, receiver);

test('it runs once, when the last hold is given back, and one loss makes it a loss', () => {
  for (const order of ['sf', 'fs', 'ss']) {
    const outcomes: Outcome[] = [];
    const one = new Acknowledgement((outcome) => outcomes.push(outcome));
    one.hold();
    one.hold();
    one.settle();
    for (const step of order) {
      assert.deepEqual(outcomes, []);
      if (step === 's') one.settle();
      else one.fail();
    }
    assert.deepEqual(outcomes, [order === 'ss' ? 'delivered' : 'lost']);
  }
});

test('a batch is acknowledged when all pieces with its records are delivered, and not before', async () => {
  let give: (result: SendResult) => void = () => {};
  const held = new Promise<SendResult>((resolve) => {
    give = resolve;
  });
  const { exporter, output } = branchOf(new ScriptedTransport([OK, held]));
  await output.open();
  const reader = readerTo(exporter);
  const [first, second] = [batchOf([1, 2, 3]), batchOf([4])];
  void reader.push(first.batch);
  void reader.push(second.batch);
  assert.deepEqual([first.outcomes, second.outcomes], [[], []], 'the second piece has records of both');
  give(OK);
  await turn();
  assert.deepEqual([first.outcomes, second.outcomes], [['delivered'], ['delivered']]);
  await reader.end();
});

test('of a tee both branches must have delivered; one that gives up makes it a loss', async () => {
  for (const [results, outcome] of [
    [[OK, OK], 'delivered'],
    [[OK, DOWN], 'lost'],
  ] as const) {
    const good = branchOf(new ScriptedTransport());
    const bad = branchOf(new ScriptedTransport(results));
    await Promise.all([good.output.open(), bad.output.open()]);
    const reader = readerTo(new Tee<FlatBatch>([good.exporter, bad.exporter]));
    const { batch, outcomes } = batchOf([1, 2, 3, 4, 5]);
    await reader.push(batch);
    await turn();
    assert.deepEqual(outcomes, [], 'the last record waits for its piece');
    await reader.end();
    assert.deepEqual(outcomes, [outcome]);
  }
});

test('a batch whose records are late is acknowledged once, after the tries that failed', async () => {
  const partial: SendResult = { kind: 'partial', failed: [{ from: 1, to: 2, action: 'retry', reason: 'busy' }] };
  const { exporter, output, clock } = branchOf(new ScriptedTransport([DOWN, partial]), { retries: 5 });
  await output.open();
  const reader = readerTo(exporter);
  const { batch, outcomes } = batchOf([1, 2]);
  await reader.push(batch);
  for (let i = 0; i < 2; i++) {
    await turn();
    assert.deepEqual(outcomes, []);
    assert.ok(clock.next());
  }
  await turn();
  assert.deepEqual(outcomes, ['delivered']);
  await reader.end();
});

test('records that a rule drops, entities alone, and no records at all are acknowledged with the batch', async () => {
  const { exporter, output } = branchOf(new ScriptedTransport());
  await output.open();
  const options = { actions: new Map(), now: () => 0, onActionProblem: () => assert.fail() };
  const engine = createPolicyEngine({ ...options, mode: 'alert' }, { rules: [], filters: [] }, exporter);
  const reader = readerTo(engine);
  for (const tids of [[1, 2, 3], []]) {
    const { batch, outcomes } = batchOf(tids);
    await reader.push(batch);
    assert.deepEqual(outcomes, ['delivered']);
  }
  await reader.end();
});

test('a batch of which a record is too large, or is dropped by a full queue, is lost', async () => {
  const { exporter, output } = branchOf(new ScriptedTransport());
  await output.open();
  const large = batchOf([12, 13, 14]);
  await readerTo(exporter).push(large.batch);
  await exporter.end();
  assert.deepEqual(large.outcomes, ['lost']);

  const never = new Promise<SendResult>(() => {});
  const full = branchOf(new ScriptedTransport([never]), { overflow: 'dropNewest', queueSize: 600 });
  await full.output.open();
  const reader = readerTo(full.exporter);
  const [taken, dropped] = [batchOf([1, 2]), batchOf([3, 4])];
  assert.equal(reader.push(taken.batch), undefined);
  assert.equal(reader.push(dropped.batch), undefined);
  assert.deepEqual([taken.outcomes, dropped.outcomes], [[], ['lost']]);
});

test('a tee never waits for a branch that drops, however long its output stops', async () => {
  const never = new Promise<SendResult>(() => {});
  const stopped = branchOf(new ScriptedTransport([never]), { overflow: 'dropOldest', queueSize: 10_000 });
  const transport = new ScriptedTransport();
  const good = branchOf(transport);
  await Promise.all([stopped.output.open(), good.output.open()]);
  const reader = readerTo(new Tee<FlatBatch>([stopped.exporter, good.exporter]));
  const outcomes: Outcome[][] = [];
  for (let i = 0; i < 200; i++) {
    const made = batchOf([2 * i + 20, 2 * i + 21]);
    outcomes.push(made.outcomes);
    await reader.push(made.batch);
  }
  await turn();
  assert.equal(transport.taken.length, 400);
  const { dropped } = stopped.output.statistics;
  assert.ok(dropped > 300 && dropped < 400, String(dropped));
  assert.equal(outcomes.filter(([outcome]) => outcome === 'lost').length, dropped / 2);
});
