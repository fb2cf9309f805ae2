/** Plugins in the real command: where they are found, what is said of them, and that they harm nothing else. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { moduleText, writeFolder } from '../components/plugins/support/plugin-folder.js';
import { type Outcome, outcomeOf, run, start } from './support/program.js';
import { RECORDS, writeTrace } from './support/traces.js';

const EVENTS = RECORDS.filter(({ kind }) => /Event$|Flow$/.test(kind)).length;

const READER = { processor: 'sysflowreader', in: 'sysflow sysflowchan', out: 'flat flattenerchan' };
const ENGINE = { processor: 'policyengine', mode: 'enrich', in: 'flat flattenerchan', out: 'events eventchan' };
const EXPORTER = { processor: 'exporter', export: 'terminal', in: 'events eventchan' };

interface Case {
  /** Files beside the pipeline file. */
  readonly files: Readonly<Record<string, string>>;
  readonly plugins?: readonly string[];
  readonly drivers?: readonly object[];
  readonly pipeline?: readonly object[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

async function prepare(
  t: TestContext,
  { files, plugins = ['./plugin.mjs'], drivers, pipeline = [READER, ENGINE, EXPORTER] }: Case,
) {
  const folder = await writeFolder(t, { ...files, 'p.json': JSON.stringify({ plugins, pipeline, drivers }) });
  await writeTrace(join(folder, 't.sf'));
  return folder;
}

/** Runs a pipeline file on a trace; gives what it says, its log without times and the folder. */
async function runCase(t: TestContext, one: Case): Promise<Outcome & { readonly log: readonly string[] }> {
  const folder = await prepare(t, one);
  const { args = ['t.sf'], env = {} } = one;
  const outcome = await run(['-config', 'p.json', ...args], { cwd: folder, env });
  const log = outcome.stderr
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/(\[\w+\]) \S+ \S+/, '$1').replaceAll(`${folder}/`, ''));
  return { ...outcome, log };
}

/** A plugin of some kind whose `create` gives what an expression says. */
const creating = (head: string, created: string): string =>
  moduleText(`${head}, create: (options, environment) => (${created})`);
const COUNTER = creating(
  "kind: 'processor', name: 'counter', in: 'flattenerchan', out: null, options: { label: { type: 'text', default: 'seen', description: 'd' } }",
  `{ push(batch) { environment.log('info', options.label + ' ' + batch.count); batch.release(); }, end: () => environment.next.end() }`,
);
const COUNTING = [READER, { processor: 'counter', in: 'flat flattenerchan' }];
const lines = (text: string): number => text.split('\n').length - 1;

test('a plugin of the pipeline file is used by its name, with options and variables of the environment', async (t) => {
  const { code, log } = await runCase(t, {
    files: { 'plugin.mjs': COUNTER },
    pipeline: COUNTING,
    env: { COUNTER_LABEL: 'counted' },
  });
  assert.equal(code, 0);
  assert.ok(log.includes(`[Info] counted ${EVENTS}`), log.join('\n'));
  assert.equal((await runCase(t, { files: { 'plugin.mjs': COUNTER }, pipeline: COUNTING, args: ['-test'] })).code, 0);
});

test('plugins are found in the folders of -plugdir and -driverdir', async (t) => {
  const driver = creating(
    "kind: 'driver', name: 'nothing'",
    `{ run: async (host) => host.log('info', 'nothing to read') }`,
  );
  const { code, log } = await runCase(t, {
    files: {
      'plugs/handlers/counter.mjs': COUNTER,
      'drivers/nothing.js': driver,
      'drivers/package.json': '{"type": "module"}',
    },
    plugins: [],
    pipeline: COUNTING,
    args: ['-plugdir', 'plugs', '-driverdir', './drivers', '-driver', 'nothing', 't.sf'],
  });
  assert.deepEqual([code, log.includes('[Info] nothing to read')], [0, true], log.join('\n'));
});

test('a plugin that does not load, has another version or another shape keeps the program from starting', async (t) => {
  const { code, log, stdout } = await runCase(t, {
    files: {
      'plugin.mjs': "throw new Error('at load\\n[Health] forged')",
      'new.mjs': "export default { apiVersion: 9, kind: 'encoder', name: 'new' };",
      'wrong.mjs': moduleText("kind: 'encoder', name: 'wrong'"),
    },
    plugins: ['./plugin.mjs', './new.mjs', './wrong.mjs'],
  });
  assert.deepEqual([code, stdout], [1, '']);
  assert.deepEqual(log, [
    '[Error] plugin.mjs:1:7: error[plugin-unreadable]: at load\\u000a[Health] forged',
    "[Error] new.mjs: error[invalid-plugin]: encoder 'new': is written for apiVersion 9; this program supports apiVersion 1",
    "[Error] wrong.mjs: error[invalid-plugin]: encoder 'wrong': create is missing: a function",
    '[Error] p.json: the pipeline cannot start; see the errors above',
  ]);
});

test('a failed health check ends the program with status 1, also with -test', async (t) => {
  const sick = creating(
    "kind: 'encoder', name: 'sick', check: async ({ key }) => ['no ' + key], options: { key: { type: 'text', default: 'luck', description: 'd' } }",
    '{ encode() {} }',
  );
  for (const args of [['t.sf'], ['-test']]) {
    const { code, log, stdout } = await runCase(t, {
      files: { 'plugin.mjs': sick },
      pipeline: [READER, ENGINE, { ...EXPORTER, format: 'sick', 'sick.key': 'coffee' }],
      args,
    });
    assert.deepEqual([code, stdout], [1, '']);
    assert.deepEqual(log, [
      "[Error] plugin.mjs: error[health-check]: encoder 'sick': no coffee",
      '[Error] p.json: the pipeline cannot start; see the errors above',
    ]);
  }
});

test('an action that a rule names is checked before the start, and one that fails is logged with its file', async (t) => {
  const policy = '- rule: Any\n  desc: d\n  condition: sf.proc.name = bash\n  actions: [fails]\n';
  const pipeline = [READER, { ...ENGINE, mode: 'alert', policies: 'rules.yaml', actiondir: 'actions' }, EXPORTER];
  const failing = moduleText(`kind: 'action', name: 'fails', run() { throw new Error('oh') }`);
  const ran = await runCase(t, { files: { 'rules.yaml': policy, 'actions/a.mjs': failing }, plugins: [], pipeline });
  assert.equal(ran.code, 0);
  assert.ok(ran.log.includes("[Warn] action 'fails' (actions/a.mjs) of rule 'Any' failed: oh"), ran.stderr);
  const sick = failing.replace('run()', "check: async () => ['no network'], run()");
  const refused = await runCase(t, { files: { 'rules.yaml': policy, 'plugin.mjs': sick }, pipeline });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /plugin\.mjs: error\[health-check\]: action 'fails': no network/);
});

test('a language of a plugin gets the policy files that it claims; where it fails, -strict refuses them', async (t) => {
  const language =
    moduleText(`kind: 'language', name: 'lines', extensions: ['.lines'], claims: ({ text }) => text.startsWith('#lines'),
    load: async (sources) => { throw new Error('no grammar for ' + sources.length + ' text'); }, describe() {}`);
  const files = {
    'plugin.mjs': language,
    'rules/a.lines': '#lines',
    'rules/b.yaml': '- rule: Any\n  desc: d\n  condition: sf.pproc.pid = 1\n',
  };
  const pipeline = [READER, { ...ENGINE, mode: 'alert', policies: 'rules' }, EXPORTER];
  const message =
    "[Error] rules/a.lines: error[invalid-plugin]: language 'lines' (plugin.mjs): load failed: no grammar for 1 text";
  const lenient = await runCase(t, { files, pipeline });
  assert.equal(lenient.code, 0);
  assert.ok(lenient.log.includes(message), lenient.log.join('\n'));
  const strict = await runCase(t, { files, pipeline, args: ['-strict', 't.sf'] });
  assert.equal(strict.code, 1);
  assert.ok(strict.log.includes(message), strict.log.join('\n'));
});

test('a processor that throws costs its own branch; the one beside it has everything, and the status is 3', async (t) => {
  const throwing = creating(
    "kind: 'processor', name: 'throws', in: 'flattenerchan', out: null",
    `{ push() { throw new Error('boom') }, end: async () => {} }`,
  );
  const { code, log, stdout } = await runCase(t, {
    files: { 'plugin.mjs': throwing },
    pipeline: [
      { ...READER, out: ['flat flattenerchan', 'other flattenerchan'] },
      { processor: 'throws', in: 'other flattenerchan' },
      ENGINE,
      EXPORTER,
    ],
  });
  assert.equal(code, 3);
  assert.equal(lines(stdout), EVENTS);
  assert.ok(log.includes("[Error] processor 'throws' (plugin.mjs): push threw: boom"), log.join('\n'));
  assert.ok(log.includes(`[Error] processor 'throws' (plugin.mjs): ${EVENTS} records were lost`), log.join('\n'));
});

test('an encoder that throws loses the record, which is counted, and the status is 3', async (t) => {
  const encoder = creating(
    "kind: 'encoder', name: 'odd'",
    `{ n: 0, encode(record, out) { out.appendText('record'); if (this.n++ === 1) throw new Error('no'); } }`,
  );
  const { code, log, stdout } = await runCase(t, {
    files: { 'plugin.mjs': encoder },
    pipeline: [READER, ENGINE, { ...EXPORTER, format: 'odd' }],
  });
  assert.equal(code, 3);
  assert.equal(stdout, 'record\n'.repeat(EVENTS - 1));
  assert.ok(log.includes('[Error] 1 record could not be written and is lost'), log.join('\n'));
});

const TRANSPORT = "kind: 'transport', name: 'faulty', retries: 0";
const faulty = (send: string): string =>
  creating(
    TRANSPORT,
    `{ target: 'there', needs: 'bytes', connect: async () => ({ kind: 'ok' }), send(pieces) { ${send} }, close: async () => ({ kind: 'ok' }) }`,
  );

for (const [what, send, reason] of [
  ['throws', "throw new Error('no way')", /faulty.* send failed: no way/],
  ['rejects', "return Promise.reject(new Error('no way'))", /faulty.* send failed: no way/],
  ['gives no result', 'return undefined', /faulty.* send returned no valid result/],
  [
    'refuses records',
    "return { kind: 'partial', failed: [{ from: 0, to: 1, action: 'reject', reason: 'too odd' }] }",
    /records were rejected: too odd/,
  ],
] as const) {
  test(`a transport that ${what} loses its own records, which are counted; the output beside it has all`, async (t) => {
    const { code, log, stdout } = await runCase(t, {
      files: { 'plugin.mjs': faulty(send) },
      pipeline: [
        READER,
        { ...ENGINE, out: ['events eventchan', 'others eventchan'] },
        EXPORTER,
        { processor: 'exporter', export: 'faulty', in: 'others eventchan' },
      ],
    });
    assert.equal(code, 3);
    assert.equal(lines(stdout), EVENTS);
    assert.match(log.join('\n'), reason);
    const lost = what === 'refuses records' ? 1 : EVENTS;
    assert.ok(
      log.some((line) => line.includes(`${2 * EVENTS - lost} exported`)),
      log.join('\n'),
    );
  });
}

test('a stage that cannot be created ends the program before anything is read', async (t) => {
  for (const head of [
    "kind: 'processor', name: 'x', in: 'flattenerchan', out: 'flattenerchan'",
    "kind: 'handler', name: 'x', out: 'flattenerchan'",
  ]) {
    const isHandler = head.includes('handler');
    const { code, log, stdout } = await runCase(t, {
      files: { 'plugin.mjs': creating(head, `(() => { throw new Error('no way') })()`) },
      pipeline: isHandler
        ? [{ ...READER, handler: 'x' }, ENGINE, EXPORTER]
        : [
            { ...READER, out: 'raw flattenerchan' },
            { processor: 'x', in: 'raw flattenerchan', out: 'flat flattenerchan' },
            ENGINE,
            EXPORTER,
          ],
    });
    assert.deepEqual([code, stdout], [3, '']);
    assert.match(log.join('\n'), /\[Error\] (processor|handler) 'x' \(plugin\.mjs\): create threw: no way/);
  }
});

test('a driver that rejects, pushes after the end and opens streams late costs the other driver nothing', async (t) => {
  const driver = creating(
    "kind: 'driver', name: 'bad'",
    `{ async run(host) {
      const stream = host.openStream('s');
      await stream.pushRecords([{ kind: 'header', version: 5, exporter: 'x', ip: '', filename: '' }]);
      await stream.close();
      await stream.pushRecords([{ kind: 'header', version: 5, exporter: 'y', ip: '', filename: '' }]);
      throw new Error('gave up');
    } }`,
  );
  const { code, log, stdout } = await runCase(t, {
    files: { 'plugin.mjs': driver },
    drivers: [
      { driver: 'bad', out: 'sysflow sysflowchan' },
      { driver: 'file', out: 'sysflow sysflowchan' },
    ],
  });
  assert.equal(code, 3);
  assert.equal(lines(stdout), EVENTS);
  assert.ok(log.includes("[Error] driver 'bad' (plugin.mjs): run failed: gave up"), log.join('\n'));
  assert.ok(log.includes("[Error] driver 'bad': 1 record was dropped because a stream had ended"), log.join('\n'));
});

const UNCAUGHT: readonly [what: string, code: string, line: RegExp][] = [
  [
    'an exception in a timer',
    `throw new Error('later')`,
    /\[Error\] plugin\.mjs:\d+:\d+: an error that nothing caught: later; draining/,
  ],
  [
    'a rejection',
    `Promise.reject(new Error('later'))`,
    /\[Error\] plugin\.mjs:\d+:\d+: an error that nothing caught: later; draining/,
  ],
  [
    'a rejection with a text',
    `Promise.reject('later')`,
    /\[Error\] a plugin: an error that nothing caught: .*later.*; draining/,
  ],
];
for (const [what, code, line] of UNCAUGHT) {
  test(`${what} that a plugin leaves to the process ended it at once, with records not written`, async (t) => {
    const driver = creating(
      "kind: 'driver', name: 'late'",
      `{ run: (host, signal) => new Promise((resolve) => {
        signal.addEventListener('abort', () => { host.log('info', 'asked to stop'); resolve(); });
        setTimeout(() => { ${code}; }, 1);
      }) }`,
    );
    const outcome = await runCase(t, {
      files: { 'plugin.mjs': driver },
      drivers: [{ driver: 'late', out: 'sysflow sysflowchan' }],
    });
    assert.equal(outcome.code, 3);
    assert.match(outcome.log.join('\n'), line);
    assert.ok(outcome.log.includes('[Info] asked to stop'), 'it drains');
    assert.match(outcome.log.at(-1)!, /^\[Info\] Done: /);
  });
}

test('a plugin that keeps a timer kept the program alive for ever after the end', async (t) => {
  const folder = await prepare(t, {
    files: { 'plugin.mjs': `setInterval(() => {}, 50);\n${COUNTER}` },
    pipeline: COUNTING,
  });
  const child = start(['-config', 'p.json', 't.sf'], { cwd: folder });
  const ended = outcomeOf(child);
  await once(child, 'exit');
  const { code, stderr } = await ended;
  assert.equal(code, 0);
  assert.match(stderr, /\[Warn\] .* a plugin keeps the program running 5 s after the end; it ends now/);
});
