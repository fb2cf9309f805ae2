import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Acceleration } from '../../src/accel/index.js';
import { OK, type Ok, type Transport } from '../../src/exporter/transport.js';
import { Stages } from '../../src/pipeline/stages.js';
import { RecordKind } from '../../src/sysflow/record-types.js';
import { load } from '../config/support/load.js';
import { Output } from '../exporter/support/output.js';
import { BatchBuilder } from '../support/records.js';

/** Takes a piece every other millisecond. */
class SlowTransport implements Transport {
  readonly target = 'memory';
  readonly needs = 'bytes';
  connect = async (): Promise<Ok> => OK;
  close = async (): Promise<Ok> => OK;
  async send(): Promise<Ok> {
    await sleep(2);
    return OK;
  }
}

/** Stages of a pipeline with tees, an exporter at the end of each branch. */
async function makeStages(outputs: readonly Output[]): Promise<Stages> {
  const exporter = { processor: 'exporter', buffer: 1 };
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
  );
  assert.deepEqual(problems, []);
  return new Stages([tree!.drivers[0]!.receivers], {
    acceleration: new Acceleration(0),
    now: Date.now,
    color: false,
    sources: false,
    version: '0.0.0',
    delivery: (number) => outputs[number]!.delivery,
    policy: () => ({ policy: { rules: [], filters: [] }, actions: new Map() }),
    onActionProblem: () => assert.fail('there are no actions'),
  });
}

test('the end waits for everything that tees still hold', async () => {
  const outputs = Array.from({ length: 3 }, () => new Output(new SlowTransport()));
  const stages = await makeStages(outputs);
  for (let i = 0; i < 10; i++) {
    const { batch } = new BatchBuilder().event(RecordKind.processEvent, { ts: BigInt(i) });
    await stages.entries[0]!.push(batch);
  }
  await stages.entries[0]!.end();
  for (const { statistics } of outputs) assert.equal(statistics.records, 10);
  assert.deepEqual(stages.statistics.exported, [10, 10, 10]);
});
