import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { BUILT_IN } from '../../src/components/builtins.js';
import type { DriverHost } from '../../src/drivers/driver.js';
import { Pipeline, type PipelineDriver } from '../../src/pipeline/pipeline.js';
import { OFFERED_BATCHES, Stream } from '../../src/pipeline/stream.js';
import type { StageNode } from '../../src/pipeline/tree.js';
import { stagesOf } from '../../src/pipeline/tree.js';
import type { FlatBatch } from '../../src/records/flat-batch.js';
import { FlatRecord } from '../../src/records/flat-record.js';
import type { Receiver } from '../../src/streams/receiver.js';
import { plainDecoding } from '../../src/sysflow/decoding.js';
import type { RecordBatch } from '../../src/sysflow/record-batch.js';
import { DecoderFactory } from '../../src/sysflow/record-decoder.js';
import { RecordKind } from '../../src/sysflow/record-types.js';
import type { TraceRecord } from '../../src/sysflow/trace-record.js';
import { RECORDS } from '../cli/support/traces.js';
import { BatchBuilder } from '../support/records.js';

const EVENTS = RECORDS.filter(({ kind }) => /Event$|Flow$/.test(kind));
const ENTITIES = RECORDS.filter((record) => !EVENTS.includes(record));

/** Counts the records of each node, and those whose process is known. */
class Counter implements Receiver<FlatBatch> {
  readonly nodes = new Map<string, number>();
  known = 0;
  ended = 0;
  readonly #busy: () => Promise<void> | undefined;
  readonly #record = new FlatRecord();

  constructor(busy: () => Promise<void> | undefined = () => undefined) {
    this.#busy = busy;
  }

  push(batch: FlatBatch): Promise<void> | undefined {
    for (let i = 0; i < batch.count; i++) {
      const { header, process } = this.#record.moveTo(batch, batch.rows[i]!);
      this.nodes.set(header.exporter, (this.nodes.get(header.exporter) ?? 0) + 1);
      if (process !== null) this.known++;
    }
    batch.release();
    return this.#busy();
  }

  async end(): Promise<void> {
    this.ended++;
  }
}

/** A reader that feeds a receiver. */
function nodes(receiver: Receiver<FlatBatch>): StageNode[] {
  const end = {
    kind: 'processor' as const,
    name: 'end',
    summary: '',
    in: 'flattenerchan',
    out: null,
    options: {},
    create: () => receiver,
  };
  const { component } = BUILT_IN.processors.get('sysflowreader')!;
  const options = { 'filter.enabled': false, 'filter.maxage': 0 };
  return [
    {
      stage: { component, options, slots: { handler: BUILT_IN.find('handler', 'flattener')! } },
      receivers: [{ stage: { component: end, options: {}, slots: {} }, receivers: [] }],
    },
  ];
}

interface Ran {
  readonly pipeline: Pipeline;
  readonly failures: readonly string[];
}

async function run(
  receivers: readonly StageNode[],
  drivers: readonly ((host: DriverHost, signal: AbortSignal) => Promise<void>)[],
  accelerated = 0,
): Promise<Ran> {
  const failures: string[] = [];
  const pipeline = new Pipeline({
    drivers: drivers.map((drive, i): PipelineDriver => ({ driver: { run: drive }, name: `d${i}`, receivers })),
    prepared: new Map(),
    observer: {
      traceRead: () => {},
      unreadable: () => {},
      log: () => {},
      fail: (message) => failures.push(message),
    },
    accelerated,
    stdout: new PassThrough(),
    color: false,
    version: '0.0.0',
    strict: false,
    now: Date.now,
  });
  assert.ok(await pipeline.run());
  return { pipeline, failures };
}

const named = (exporter: string): TraceRecord[] =>
  ENTITIES.map((record) => (record.kind === 'header' ? { ...record, exporter } : record));

/** Pushes the header and entities of a node and then its events, one at a time so that streams alternate. */
async function play(host: DriverHost, node: string): Promise<void> {
  const stream = host.openStream(node);
  await stream.pushRecords(named(node));
  for (const event of EVENTS) await stream.pushRecords([event]);
  await stream.close();
}

for (const accelerated of [0, 8]) {
  test(`the 590th stream of a process failed with a RangeError: 700 one after another, ${accelerated} accelerated`, async () => {
    const counter = new Counter();
    const { failures } = await run(
      nodes(counter),
      [
        async (host) => {
          for (let i = 0; i < 700; i++) await play(host, `n${i}`);
        },
      ],
      accelerated,
    );
    assert.deepEqual(failures, []);
    assert.equal(counter.nodes.size, 700);
    assert.equal(counter.known, 700 * EVENTS.length);
    assert.equal(counter.ended, 1);
  });

  test(`streams that are open at once shared entities or strings: two drivers of 40 streams, ${accelerated} accelerated`, async () => {
    const counter = new Counter();
    const drive = (name: string) => async (host: DriverHost) => {
      await Promise.all(Array.from({ length: 40 }, (_, i) => play(host, `${name}${i}`)));
    };
    const { pipeline, failures } = await run(nodes(counter), [drive('a'), drive('b')], accelerated);
    assert.deepEqual(failures, []);
    assert.equal(counter.nodes.size, 80);
    for (const [node, count] of counter.nodes) assert.equal(count, EVENTS.length, node);
    assert.equal(counter.known, 80 * EVENTS.length);
    assert.equal(pipeline.recordsRead, 80 * RECORDS.length);
  });
}

test('the counts of streams that have ended stay in the report', async () => {
  const { pipeline } = await run(nodes(new Counter()), [
    async (host) => {
      for (let i = 0; i < 3; i++) {
        const stream = host.openStream(`${i}`);
        await stream.pushRecords(EVENTS.filter(({ kind }) => kind === 'processEvent'));
        await stream.close();
      }
    },
  ]);
  const events = EVENTS.filter(({ kind }) => kind === 'processEvent').length;
  const [reader] = pipeline.reports;
  assert.equal(reader!.events, 3 * events);
  assert.equal(reader!.counts!.find(({ name }) => name === 'unknownProcess')!.value, 3 * events);
});

test('a driver that fails is reported, its streams are closed, and the other goes on', async () => {
  const counter = new Counter();
  const { pipeline, failures } = await run(nodes(counter), [
    async (host) => {
      await host.openStream('left open').pushRecords([...named('a'), ...EVENTS]);
      throw new Error('no more');
    },
    (host) => play(host, 'b'),
  ]);
  assert.deepEqual(failures, ["driver 'd0' failed: no more"]);
  assert.ok(pipeline.hasFailed);
  assert.deepEqual([...counter.nodes.keys()].sort(), ['a', 'b']);
});

test('records pushed after the end of a stream went on, or threw', async () => {
  const counter = new Counter();
  const { failures } = await run(nodes(counter), [
    async (host) => {
      const stream = host.openStream('a');
      await stream.close();
      await stream.pushRecords(EVENTS);
      assert.equal(stream.offer(new BatchBuilder().event(RecordKind.processEvent, {}).batch), false);
      assert.equal(stream.dropped, EVENTS.length + 1);
    },
  ]);
  assert.deepEqual(failures, [`driver 'd0': ${EVENTS.length + 1} records were dropped because a stream had ended`]);
  assert.equal(counter.nodes.size, 0);
});

/** A stream into a receiver that is busy until it is let go. */
function blockedStream(): { stream: Stream; taken: RecordBatch[]; letGo: () => void } {
  const taken: RecordBatch[] = [];
  let letGo = (): void => {};
  const free = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const receiver: Receiver<RecordBatch> = {
    push(batch) {
      taken.push(batch);
      return free;
    },
    end: async () => {},
  };
  return { stream: new Stream('s', receiver, plainDecoding(new DecoderFactory()), () => {}), taken, letGo };
}

test('a sink that is offered more than the pipeline takes drops and counts, and never waits', async () => {
  const { stream, taken, letGo } = blockedStream();
  const make = (): RecordBatch => new BatchBuilder().event(RecordKind.processEvent, {}).batch;
  const results = Array.from({ length: OFFERED_BATCHES + 3 }, () => stream.offer(make()));
  assert.equal(results.filter((isTaken) => isTaken).length, OFFERED_BATCHES + 1);
  assert.equal(stream.dropped, 2);
  assert.equal(taken.length, 1);
  const pushed = stream.push(make());
  letGo();
  await pushed;
  await stream.close();
  assert.equal(taken.length, OFFERED_BATCHES + 2, 'what was accepted arrives, in order, before what was pushed later');
  assert.equal(stream.records, OFFERED_BATCHES + 2);
});

test('every stage of a tree is met once', () => {
  const [reader] = nodes(new Counter());
  assert.equal(stagesOf([reader!, reader!]).length, 2);
});
