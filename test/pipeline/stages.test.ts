import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Acceleration } from '../../src/accel/index.js';
import { BUILT_IN } from '../../src/components/builtins.js';
import type { Preparation } from '../../src/components/processor.js';
import type { TransportComponent } from '../../src/exporter/component.js';
import type { TransportStatistics } from '../../src/exporter/transport.js';
import { Stages } from '../../src/pipeline/stages.js';
import { stagesOf } from '../../src/pipeline/tree.js';
import { policyEngine } from '../../src/policy/component.js';
import type { PreparedPolicy } from '../../src/policy/engine-stage.js';
import { RecordKind } from '../../src/sysflow/record-types.js';
import { load } from '../config/support/load.js';
import { BatchBuilder } from '../support/records.js';

/** A transport that takes a piece every other millisecond. */
function slowTransport(statistics: TransportStatistics): TransportComponent {
  return {
    kind: 'transport',
    name: 'slow',
    summary: 'takes its time',
    options: {},
    create: () => ({
      statistics,
      open: async () => null,
      write: async (_piece, records) => {
        statistics.records += records;
        await sleep(2);
      },
      reopen: async () => {},
      close: async () => {},
    }),
  };
}

const NO_POLICY: Preparation = {
  value: {
    loaded: {
      policy: { rules: [], filters: [] },
      actions: new Map(),
      sources: [],
      actiondir: '',
      broken: { errors: 0, rules: 0, terms: 0 },
    },
    components: { languages: [], actions: [] },
  } satisfies PreparedPolicy,
  files: [],
  refused: false,
  notes: [],
};

/** Stages of a pipeline with tees, an exporter at the end of each branch. */
async function makeStages(statistics: TransportStatistics): Promise<Stages> {
  const exporter = { processor: 'exporter', export: 'slow', buffer: 1 };
  const engine = { processor: 'policyengine', mode: 'enrich' };
  const { tree, problems } = await load(
    JSON.stringify({
      pipeline: [
        { processor: 'sysflowreader', in: 'sysflow sysflowchan', out: ['a flattenerchan', 'b flattenerchan'] },
        { ...engine, in: 'a flattenerchan', out: ['c eventchan', 'd eventchan'] },
        { ...engine, in: 'b flattenerchan', out: 'e eventchan' },
        { ...exporter, in: 'c eventchan' },
        { ...exporter, in: 'd eventchan' },
        { ...exporter, in: 'e eventchan' },
      ],
    }),
    {},
    null,
    BUILT_IN.with([slowTransport(statistics)]),
  );
  assert.deepEqual(problems, []);
  const nodes = stagesOf(tree!.drivers[0]!.receivers);
  return new Stages([tree!.drivers[0]!.receivers], {
    acceleration: new Acceleration(0),
    now: Date.now,
    log: () => {},
    fail: (message) => assert.fail(message),
    strict: false,
    stdout: process.stdout,
    color: false,
    sources: false,
    version: '0.0.0',
    prepared: new Map(nodes.filter(({ component }) => component === policyEngine).map((node) => [node, NO_POLICY])),
    outputClosed: () => {},
  });
}

test('the end waits for everything that tees still hold', async () => {
  const statistics: TransportStatistics = { records: 0, bytes: 0, lost: 0 };
  const stages = await makeStages(statistics);
  const stream = stages.openStream(0, 'a');
  for (let i = 0; i < 10; i++) {
    const { batch } = new BatchBuilder().event(RecordKind.processEvent, { ts: BigInt(i) });
    await stream.push(batch);
  }
  await stream.end();
  await stages.end();
  assert.equal(statistics.records, 30);
  assert.deepEqual(
    stages.reports.flatMap(({ exported }) => exported ?? []),
    [10, 10, 10],
  );
});
