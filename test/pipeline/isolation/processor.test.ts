import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyComponent } from '../../../src/components/component.js';
import type { PrepareEnvironment, ProcessorEnvironment, Stage } from '../../../src/components/processor.js';
import { Diagnostics } from '../../../src/diagnostics/diagnostic.js';
import { PluginError } from '../../../src/pipeline/isolation/guard.js';
import type { Receiver, Shared } from '../../../src/streams/receiver.js';
import { RecordKind } from '../../../src/sysflow/record-types.js';
import { BatchBuilder, Collector } from '../../support/records.js';
import { Isolated, processorWith, SETTLE, stageOf } from './support/isolated.js';

const NAME = "processor 'p' (x.mjs)";
const never = (): Promise<never> => new Promise(() => {});
const batchOf = (records: number) => {
  const builder = new BatchBuilder();
  for (let i = 0; i < records; i++) builder.event(RecordKind.processEvent, {});
  return builder.batch;
};

test('a processor whose push throws loses those records, which are counted; it gets the next ones', async () => {
  const seen: number[] = [];
  const plugin = new Isolated(
    processorWith({
      push(batch: { readonly length: number }) {
        seen.push(batch.length);
        if (batch.length === 2) throw new Error('boom');
      },
      end: async () => {},
    }),
  );
  const next = new Collector<Shared>();
  const stage = stageOf(plugin, next);
  for (const records of [1, 2, 3]) assert.equal(stage.push(batchOf(records)), undefined);
  await stage.end();
  assert.deepEqual(seen, [1, 2, 3]);
  assert.ok(next.ended, 'the stages after it end, too');
  assert.ok(plugin.problems.hasFailed);
  assert.deepEqual(plugin.lines, [`error ${NAME}: push threw: boom`]);
  assert.deepEqual(plugin.totals, [`error ${NAME}: 2 records were lost`]);
});

test('failures beyond the fifth are counted and told at the end', async () => {
  const plugin = new Isolated(processorWith({ push: () => Promise.reject(new Error('no')), end: async () => {} }));
  const stage = stageOf(plugin, new Collector<Shared>());
  for (let i = 0; i < 8; i++) await stage.push(batchOf(1));
  assert.deepEqual(plugin.lines, Array(5).fill(`error ${NAME}: push was rejected: no`));
  assert.deepEqual(plugin.totals, [`error ${NAME}: 8 failures in all`, `error ${NAME}: 8 records were lost`]);
});

test('a processor whose push never settles is cut off: what comes is dropped and counted, and the end comes', async () => {
  let pushes = 0;
  let ends = 0;
  const plugin = new Isolated(
    processorWith({
      push: () => {
        pushes++;
        return never();
      },
      end: async () => {
        ends++;
      },
    }),
  );
  const next = new Collector<Shared>();
  const stage = stageOf(plugin, next);
  await stage.push(batchOf(2));
  assert.equal(stage.push(batchOf(3)), undefined);
  await stage.end();
  assert.deepEqual([pushes, ends, next.ended], [1, 0, true]);
  assert.deepEqual(plugin.lines, [`error ${NAME}: push did not settle within ${SETTLE / 1000} s`]);
  assert.deepEqual(plugin.totals, [`error ${NAME}: 5 records were lost`]);
});

test('a processor that waits for the stages after it is not cut off, however long they take', async () => {
  let take = (): void => {};
  const next: Receiver<Shared> = {
    push: () =>
      new Promise((resolve) => {
        take = resolve;
      }),
    end: async () => {},
  };
  const plugin = new Isolated({
    ...processorWith({}),
    create: (_options: unknown, environment: ProcessorEnvironment) => ({
      push: (item: Shared) => environment.next.push(item),
      end: () => environment.next.end(),
    }),
  } as AnyComponent);
  const stage = stageOf(plugin, next);
  const pushed = stage.push(batchOf(1));
  await new Promise((resolve) => setTimeout(resolve, SETTLE * 3));
  take();
  await pushed;
  await stage.end();
  assert.deepEqual([plugin.lines, plugin.totals], [[], []]);
});

test('a processor that blocks is reported as slow, without a loss', async () => {
  const plugin: Isolated<AnyComponent> = new Isolated(
    processorWith({
      push: () => {
        plugin.time += 1500;
      },
      end: async () => {},
    }),
  );
  const stage = stageOf(plugin, new Collector<Shared>());
  for (let i = 0; i < 6; i++) stage.push(batchOf(1));
  assert.deepEqual(plugin.lines, Array(5).fill(`warn ${NAME}: push took 1500 ms`));
  assert.deepEqual(plugin.totals, [`warn ${NAME}: 6 warnings in all`]);
  assert.ok(!plugin.problems.hasFailed);
});

const ENDS: readonly [what: string, end: () => unknown, line: string][] = [
  [
    'throws',
    () => {
      throw new Error('x');
    },
    'end threw: x',
  ],
  ['rejects', () => Promise.reject(new Error('y')), 'end was rejected: y'],
  ['never settles', never, `end did not settle within ${SETTLE / 1000} s`],
];
for (const [what, end, line] of ENDS) {
  test(`a processor whose end ${what} kept the stages after it from ending`, async () => {
    const plugin = new Isolated(processorWith({ push() {}, end }));
    const next = new Collector<Shared>();
    await stageOf(plugin, next).end();
    assert.ok(next.ended);
    assert.deepEqual(plugin.lines, [`error ${NAME}: ${line}`]);
  });
}

test('what a processor emits after its end, or is no item of its channel, is dropped and counted', async () => {
  let next: Receiver<unknown> | undefined;
  const plugin = new Isolated({
    ...processorWith({}, 'eventchan'),
    create: (_options: unknown, environment: ProcessorEnvironment) => {
      next = environment.next;
      return { push() {}, end: () => environment.next.end() };
    },
  } as AnyComponent);
  const collector = new Collector<Shared>();
  const stage = stageOf(plugin, collector);
  for (const item of [null, 7, {}]) next!.push(item);
  await stage.end();
  next!.push({});
  assert.deepEqual(collector.items, []);
  assert.deepEqual(plugin.lines, [
    `error ${NAME}: emitted null, but items are objects`,
    `error ${NAME}: emitted a number, but items are objects`,
    `error ${NAME}: emitted an item that is not a batch of records to a channel of type 'eventchan'`,
    `error ${NAME}: emitted an item after its end`,
  ]);
  assert.deepEqual(plugin.totals, [`error ${NAME}: 4 records were lost`]);
});

test('a processor that emits without waiting is bounded', async () => {
  const waiting: (() => void)[] = [];
  const slow: Receiver<Shared> = {
    push: () => new Promise((resolve) => waiting.push(resolve)),
    end: async () => {},
  };
  const plugin = new Isolated({
    ...processorWith({}),
    create: (_options: unknown, environment: ProcessorEnvironment) => ({
      push() {
        for (let i = 0; i < 2000; i++) void environment.next.push({});
      },
      end: async () => {},
    }),
  } as AnyComponent);
  const stage = stageOf(plugin, slow);
  stage.push(batchOf(1));
  assert.equal(waiting.length, 1024);
  assert.equal(plugin.lines[0], `error ${NAME}: emitted items without waiting for earlier ones`);
  assert.equal(plugin.totals.at(-1), `error ${NAME}: 976 records were lost`);
});

test('a processor that cannot be created says why, with its file', () => {
  const failing = new Isolated({
    ...processorWith({}),
    create: () => {
      throw new Error('no way');
    },
  } as AnyComponent);
  assert.throws(() => stageOf(failing, new Collector<Shared>()), new PluginError(`${NAME}: create threw: no way`));
  const empty = new Isolated(processorWith({ push() {} }));
  assert.throws(
    () => stageOf(empty, new Collector<Shared>()),
    new PluginError(`${NAME}: the result of create has no end()`),
  );
});

test('streams of a processor are isolated one by one', async () => {
  const stage = stageOf(
    new Isolated(
      processorWith({
        openStream: (name: string) => {
          if (name === 'throws') throw new Error('not this one');
          return name === 'empty' ? {} : { push: () => undefined, end: never };
        },
        push() {},
        end: async () => {},
      }),
    ),
    new Collector<Shared>(),
  ) as Stage<Shared>;
  for (const name of ['throws', 'empty', 'fine']) {
    const stream = stage.openStream!(name);
    assert.equal(stream.push(batchOf(1)), undefined);
    await stream.end();
  }
});

test('what a processor reports is believed only as far as it makes sense', () => {
  const reports: unknown[] = [
    { exported: 3, lost: 'many', counts: [{ name: 'a', value: 1, level: 'warn', describe: () => 'one' }, null, {}] },
    'nothing',
  ];
  const plugin = new Isolated(
    processorWith({ push() {}, end: async () => {}, report: () => reports.shift() ?? assert.fail('x') }),
  );
  const stage = stageOf(plugin, new Collector<Shared>());
  const { counts, ...numbers } = stage.report!();
  assert.deepEqual(numbers, { exported: 3 });
  assert.deepEqual(
    counts!.map(({ describe }) => describe(1)),
    ['one'],
  );
  assert.deepEqual(stage.report!(), { counts: [] });
  assert.deepEqual(stage.report!(), { counts: [] });
  assert.match(plugin.lines.join(), /report threw: x/);
});

test('a processor that fails to prepare, verify or start keeps the pipeline from starting', async () => {
  const plugin = new Isolated({
    ...processorWith({ push() {}, end: async () => {}, start: never }),
    prepare: () => Promise.reject(new Error('no file')),
    verify: () => {
      throw new Error('no sense');
    },
    threads: () => {
      throw new Error('no threads');
    },
  } as AnyComponent);
  const { prepare, verify, threads } = plugin.component as unknown as {
    prepare(options: unknown, environment: PrepareEnvironment): Promise<{ readonly refused: boolean }>;
    verify(options: unknown, written: ReadonlySet<string>): unknown;
    threads(options: unknown): number;
  };
  const diagnostics = new Diagnostics();
  const environment = { diagnostics, strict: false, resources: '', components: () => [] };
  assert.ok((await prepare({}, environment)).refused);
  assert.deepEqual(
    diagnostics.items.map(({ message }) => message),
    [`${NAME}: prepare failed: no file`],
  );
  assert.deepEqual(verify({}, new Set()), [{ code: 'invalid-value', message: `${NAME}: verify threw: no sense` }]);
  assert.equal(threads({}), Number.POSITIVE_INFINITY);
  const stage = stageOf(plugin, new Collector<Shared>());
  assert.equal(await stage.start!(), `${NAME}: start did not settle within ${SETTLE / 1000} s`);
});
