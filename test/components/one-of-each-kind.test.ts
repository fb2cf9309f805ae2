import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, test } from 'node:test';
import { BUILT_IN } from '../../src/components/builtins.js';
import type { ComponentTable } from '../../src/components/component-table.js';
import { pipelineSchema } from '../../src/config/json-schema.js';
import { loadPipelineText } from '../../src/config/load.js';
import { Diagnostics } from '../../src/diagnostics/diagnostic.js';
import { formatDiagnostic } from '../../src/diagnostics/format.js';
import { LoggedRun } from '../../src/pipeline/logged-run.js';
import { createDrivers, prepareStages } from '../../src/pipeline/prepare.js';
import { Logger } from '../../src/telemetry/logger.js';
import { RECORDS } from '../cli/support/traces.js';
import { projectFiles, projectText } from '../house/support/project.js';
import { beatsDriver } from './fixtures/beats-driver.js';
import { countProcessor } from './fixtures/count-processor.js';
import { markAction } from './fixtures/mark-action.js';
import { memoryTransport, sentLines } from './fixtures/memory-transport.js';
import { programsLanguage } from './fixtures/programs-language.js';
import { shoutEncoder } from './fixtures/shout-encoder.js';
import { wholeHandler } from './fixtures/whole-handler.js';

/** The built-in components and one more of each kind: a file each, and a line each here. */
const COMPONENTS: ComponentTable = BUILT_IN.with([
  beatsDriver,
  wholeHandler,
  countProcessor,
  shoutEncoder,
  memoryTransport,
  programsLanguage,
  markAction,
]);

const folder = await mkdtemp(join(tmpdir(), 'sfprocessor-components-'));
after(() => rm(folder, { recursive: true }));
await writeFile(join(folder, 'shells.programs'), '/bin/bash mark\n/bin/none\n');

const pipelineText = (exporter: object): string =>
  JSON.stringify({
    drivers: [{ driver: 'beats', 'beats.times': 3, out: 'sysflow sysflowchan' }],
    pipeline: [
      { processor: 'sysflowreader', handler: 'whole', in: 'sysflow sysflowchan', out: 'flat flattenerchan' },
      { processor: 'policyengine', policies: folder, in: 'flat flattenerchan', out: 'evt eventchan' },
      { processor: 'count', in: 'evt eventchan', out: 'counted eventchan' },
      { processor: 'exporter', export: 'memory', format: 'shout', in: 'counted eventchan', ...exporter },
    ],
  });

async function run(text: string, environment: Record<string, string>): Promise<{ log: string[]; problems: string[] }> {
  const diagnostics = new Diagnostics();
  const settings = { components: COMPONENTS, environment, driver: null };
  const tree = (await loadPipelineText({ path: 'p.json', text }, settings, diagnostics))!;
  const prepared = await prepareStages(
    tree.drivers.flatMap(({ receivers }) => receivers),
    { diagnostics, strict: true, resources: folder, components: (kind) => COMPONENTS.of(kind) },
  );
  const problems = diagnostics.items.map((item) => formatDiagnostic(item, { color: false, excerpt: false }));
  const log: string[] = [];
  const inflaterEntry = new URL('../../src/cli/trace-inflater-thread.js', import.meta.url);
  const logged = new LoggedRun({
    drivers: createDrivers(tree.drivers, 'unused', { threads: 1, inflaterEntry, now: Date.now }),
    prepared,
    accelerated: 0,
    stdout: new PassThrough(),
    color: false,
    version: '0.0.0',
    strict: true,
    now: () => 0,
    logger: new Logger(
      'info',
      (line) => log.push(line.trimEnd()),
      () => 0,
    ),
    ratesEvery: null,
  });
  assert.ok(await logged.run());
  return { log: log.map((line) => line.replace(/^(\[\w+\]) \S+ \S+ /, '$1 ')), problems };
}

test('a component of each kind is a file and a line, and works as the built-in ones do', async () => {
  const { log, problems } = await run(pipelineText({ 'memory.key': 'first', 'shout.mark': '?' }), {
    COUNT_LABEL: 'alerts',
  });
  assert.deepEqual(problems, []);
  const alerts = RECORDS.filter(({ kind }) => /Event$|Flow$/.test(kind)).length - 1;
  assert.deepEqual(sentLines.get('first'), new Array(3 * alerts).fill('/BIN/BASH? marked:/bin/bash'));
  for (const beat of [0, 1, 2]) assert.ok(log.includes(`[Info] beat ${beat} comes from node-1`));
  assert.ok(log.includes(`[Info] ${3 * alerts} alerts passed`));
});

test('the options of an added component are checked, with the nearest name, as those of built-in ones', async () => {
  const { problems } = await run(pipelineText({ 'memory.kye': 'x', 'shout.mark': ['a'] }), { COUNT_LABLE: 'x' });
  assert.match(problems.join('\n'), /warning\[unknown-key\].*memory\.kye.*did you mean 'memory\.key'/);
  assert.match(problems.join('\n'), /warning\[unknown-key\].*COUNT_LABLE.*did you mean 'COUNT_LABEL'/);
  const schema = JSON.stringify(pipelineSchema(COMPONENTS));
  for (const text of ['"beats.times"', '"memory.key"', '"shout.mark"', 'What the log calls them.', '"whole"']) {
    assert.ok(schema.includes(text), text);
  }
});

test('no file of src names syslog but the documented options of what is planned', () => {
  const sources = projectFiles('src').filter((path) => path.endsWith('.ts'));
  const names = sources.filter((path) => /\bsyslog\b/i.test(projectText(path)));
  assert.deepEqual(names, ['src/components/planned.ts']);
});

test('config, pipeline and cli named components: now they look them up', () => {
  const names = ['driver', 'handler', 'transport', 'encoder', 'processor'].flatMap((kind) =>
    BUILT_IN.of(kind as 'driver').map(({ name }) => name),
  );
  // Words of other meanings, too: a value of JSON, a format of commands, a kind of record, an option.
  const ambiguous = new Set(['null', 'json', 'text', 'file', 'terminal', 'ecs', 'exporter']);
  const quoted = new RegExp(`'(${names.filter((name) => !ambiguous.has(name)).join('|')})'`);
  const folders = ['src/config', 'src/pipeline', 'src/cli'];
  const sources = folders.flatMap((one) => projectFiles(one)).filter((path) => path.endsWith('.ts'));
  assert.ok(sources.length > 40);
  assert.deepEqual(
    sources.filter((path) => quoted.test(projectText(path))),
    [],
  );
});
