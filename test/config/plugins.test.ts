import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUILT_IN } from '../../src/components/builtins.js';
import type { AnyComponent } from '../../src/components/component.js';
import type { StanzaSchema } from '../../src/components/options.js';
import type { AnyProcessor } from '../../src/components/processor.js';
import { pluginSettings } from '../../src/config/plugin-settings.js';
import type { TransportComponent } from '../../src/exporter/component.js';
import type { RuleLanguage } from '../../src/policy/languages/language.js';
import { EXPORTER, load, optionsAt, pipeline, READER } from './support/load.js';

const unused = (): never => assert.fail('not created here');

function processor(name: string, input: string, out: string | null, options: StanzaSchema = {}): AnyProcessor {
  return {
    kind: 'processor',
    name,
    summary: 's',
    in: input,
    out,
    options: options as AnyProcessor['options'],
    create: unused,
  };
}

const KEYS = {
  key: { type: 'text', default: 'x', description: 'd' },
  'max-size': { type: 'integer', minimum: 0, maximum: 9, default: 1, description: 'd' },
} as const;

const TABLE = BUILT_IN.with([
  processor('Pairs', 'flattenerchan', 'pairchan', KEYS),
  processor('my-sink', 'pairchan', null, KEYS),
  processor('loop', 'pairchan', 'pairchan'),
]);
const PAIRS = '{"processor": "pairs", "in": "flat flattenerchan", "out": "pairs pairchan"}';
const SINK = '{"processor": "my-sink", "in": "pairs pairchan"}';

const withTable = (text: string, environment: Record<string, string> = {}) => load(text, environment, null, TABLE);

test('types of channels that plugins declare are checked when the pipeline is wired', async () => {
  assert.deepEqual((await withTable(pipeline(READER, PAIRS, SINK))).problems, []);
  const wrong = [PAIRS.replace('pairs pairchan', 'evt eventchan'), EXPORTER];
  assert.deepEqual((await withTable(pipeline(READER, ...wrong))).problems, [
    "p.json:3:59: error[pipeline-wiring]: a Pairs writes channels of type 'pairchan', not 'eventchan'",
  ]);
  assert.deepEqual((await withTable(pipeline(READER, PAIRS, SINK.replace('pairchan', 'pairchn')))).problems, [
    "p.json:4:32: error[unknown-name]: unknown channel type 'pairchn'; did you mean 'pairchan'?",
  ]);
  assert.match((await load(pipeline(READER, PAIRS, SINK))).problems[0]!, /unknown processor 'pairs'/);
});

test('stages that feed each other in a circle were an endless loop', async () => {
  const loop = (input: string, out: string): string => `{"processor": "loop", "in": [${input}], "out": [${out}]}`;
  const first = loop('"pairs pairchan", "back pairchan"', '"on pairchan"');
  const second = loop('"on pairchan"', '"back pairchan", "pairs2 pairchan"');
  const { problems, tree } = await withTable(pipeline(READER, PAIRS, first, second, SINK.replace('pairs ', 'pairs2 ')));
  assert.deepEqual(problems, [
    "p.json:5:54: error[pipeline-wiring]: the channel 'back' leads back to a stage before it, so records would go in a circle",
  ]);
  assert.equal(tree!.drivers.length, 1);
  const alone = loop('"a pairchan"', '"a pairchan"');
  assert.match((await withTable(pipeline(READER, PAIRS, SINK, alone))).problems.join(), /'a' leads back to a stage/);
});

test('names of plugins are found without regard to case, their keys and variables as those of what is built in', async () => {
  const stanza = '{"processor": "PAIRS", "kye": 1, "in": "flat flattenerchan", "out": "pairs pairchan"}';
  const loaded = await withTable(pipeline(READER, stanza, SINK), {
    PAIRS_KEY: 'of-env',
    MY_SINK_MAX_SIZE: '7',
    MY_SINK_KYE: 'z',
  });
  assert.deepEqual(loaded.problems, [
    "environment variable MY_SINK_KYE: warning[unknown-key]: 'MY_SINK_KYE' matches no key of my-sink; did you mean 'MY_SINK_KEY'?",
    "p.json:3:24: warning[unknown-key]: unknown key 'kye' of the processor 'Pairs'; did you mean 'key'?",
  ]);
  assert.deepEqual(optionsAt(loaded, 1), { key: 'of-env', 'max-size': 1 });
  assert.deepEqual(optionsAt(loaded, 2), { key: 'x', 'max-size': 7 });
});

test('a plugin takes the place of a component that is planned, with its own options', async () => {
  const syslog: TransportComponent<{ readonly host: string }> = {
    kind: 'transport',
    name: 'syslog',
    summary: 's',
    options: { host: { type: 'text', default: 'here', description: 'd' } },
    create: unused,
  };
  const stanza = '{"processor": "exporter", "export": "syslog", "in": "evt eventchan", "syslog.port": 1}';
  const text = pipeline(
    READER,
    '{"processor": "policyengine", "mode": "enrich", "in": "flat flattenerchan", "out": "evt eventchan"}',
    stanza,
  );
  const loaded = await load(text, {}, null, BUILT_IN.with([syslog]));
  assert.match(loaded.problems.join(), /unknown key 'syslog\.port'/);
  assert.equal(optionsAt(loaded, 2)['syslog.host'], 'here');
});

test('languages of plugins come before the built-in one, which claims every text', () => {
  const language = { kind: 'language', name: 'mine', summary: 's', options: {} } as AnyComponent as RuleLanguage;
  assert.equal(BUILT_IN.with([language]).of('language')[0], language);
});

test('a pipeline file names its plugins, each with its place', async () => {
  const text = '{"plug\\u0069ns": ["./a.mjs", "pack"], "pipeline": []}';
  const source = { path: 'p.json', text };
  assert.deepEqual(pluginSettings(source), [
    { text: './a.mjs', source, range: { start: 18, end: 27 } },
    { text: 'pack', source, range: { start: 29, end: 35 } },
  ]);
  for (const wrong of ['{"plugins": "a"}', '{"plugins": [""]}', '["plugins"]', '{"plugins', '{"pipeline": []}']) {
    assert.deepEqual(pluginSettings({ path: 'p.json', text: wrong }), []);
  }
  assert.match(
    (await load('{"plugins": [1], "pipeline": []}')).problems[0]!,
    /p\.json:1:13: error\[invalid-value\]: 'plugins' must be an array of paths and names of packages/,
  );
});
