import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUILT_IN } from '../../src/components/builtins.js';
import type { StageNode } from '../../src/config/wiring.js';
import { ENGINE, EXPORTER, type Loaded, load, pipeline, READER } from './support/load.js';

/** The tree in one line: `file(sysflowreader(policyengine(exporter exporter)))`. */
function shape(loaded: Loaded): string {
  const stage = (node: StageNode): string => call(node.stage.component.name, node.receivers.map(stage));
  return loaded.tree!.drivers.map(({ component, receivers }) => call(component.name, receivers.map(stage))).join(' ');
}

function call(name: string, inner: readonly string[]): string {
  return inner.length === 0 ? name : `${name}(${inner.join(' ')})`;
}

const TEE = ENGINE.replace('"evt eventchan"', '["evt eventchan", "evt2 eventchan"]');
const SECOND = EXPORTER.replace('"evt ', '"evt2 ');
const withDrivers = (stages: readonly string[], ...drivers: readonly string[]): string =>
  `{"pipeline": [\n${stages.join(',\n')}],\n"drivers": [${drivers.join(',\n')}]}`;
const DRIVER = '{"driver": "file", "path": "a.sf", "out": "sysflow sysflowchan"}';

test('without drivers the file driver feeds the first stage that reads records', async () => {
  const loaded = await load(pipeline(EXPORTER, ENGINE, READER));
  assert.deepEqual(loaded.problems, []);
  assert.equal(shape(loaded), 'file(sysflowreader(policyengine(exporter)))');
});

test('several outputs are a tee', async () => {
  const loaded = await load(pipeline(READER, TEE, EXPORTER, SECOND));
  assert.deepEqual(loaded.problems, []);
  assert.equal(shape(loaded), 'file(sysflowreader(policyengine(exporter exporter)))');
});

test('several drivers may feed one stage, which stays one', async () => {
  const loaded = await load(withDrivers([READER, ENGINE, EXPORTER], DRIVER, DRIVER.replace('a.sf', 'b.sf')));
  assert.deepEqual(loaded.problems, []);
  const [first, second] = loaded.tree!.drivers;
  assert.deepEqual([first!.path, second!.path], ['a.sf', 'b.sf']);
  assert.equal(first!.receivers[0], second!.receivers[0]);
});

test('the driver of the command line picks those of the file by name', async () => {
  const socket = '{"driver": "socket", "out": "sysflow sysflowchan"}';
  const text = withDrivers([READER, ENGINE, EXPORTER], DRIVER, socket);
  const loaded = await load(text, {}, 'file');
  assert.equal(loaded.tree!.drivers.length, 1);
  assert.equal(loaded.tree!.drivers[0]!.path, 'a.sf');
});

test('a driver of the command line that the file does not have feeds the first stage', async () => {
  const loaded = await load(withDrivers([READER, ENGINE, EXPORTER], DRIVER), {}, 'socket');
  assert.deepEqual(loaded.problems, [
    "command line:1:9: error[unknown-name]: 'driver' does not support 'socket' yet; the only value is 'file'",
  ]);
  const other = await load(
    withDrivers([READER, ENGINE, EXPORTER], DRIVER),
    {},
    'other',
    BUILT_IN.with([{ ...BUILT_IN.find('driver', 'file')!, name: 'other' }]),
  );
  assert.deepEqual(other.problems, []);
  assert.equal(shape(other), 'other(sysflowreader(policyengine(exporter)))');
});

const REJECTED: readonly [what: string, text: string, ...problems: string[]][] = [
  [
    'a channel that two stages read',
    pipeline(READER, ENGINE, EXPORTER, EXPORTER),
    "p.json:5:33: error[pipeline-wiring]: the channel 'evt' is read twice, so each reader would miss records; give each reader its own channel and list them all under the writer's 'out'",
  ],
  [
    'a channel that nobody reads',
    pipeline(READER, TEE, EXPORTER),
    "p.json:3:102: error[pipeline-wiring]: no stage reads the channel 'evt2'; did you mean 'evt'?",
  ],
  [
    'a channel that nobody writes',
    pipeline(READER, ENGINE, EXPORTER, SECOND),
    "p.json:5:33: error[pipeline-wiring]: no stage writes to the channel 'evt2'; did you mean 'evt'?",
  ],
  [
    'a channel of the wrong type for its stage',
    pipeline(READER, EXPORTER.replace('evt eventchan', 'flat flattenerchan')),
    "p.json:3:33: error[pipeline-wiring]: an exporter reads channels of type 'eventchan', not 'flattenerchan'",
  ],
  [
    'a channel with two types',
    pipeline(READER, ENGINE, EXPORTER.replace('eventchan', 'otelchan')),
    "p.json:3:84: error[pipeline-wiring]: the channel 'evt' is read as 'otelchan' and written as 'eventchan'",
    "p.json:4:33: error[pipeline-wiring]: channels of type 'otelchan' are not supported",
  ],
  [
    'a stage that feeds itself',
    pipeline(READER.replace('"flat flattenerchan"', '["flat flattenerchan", "sysflow sysflowchan"]'), ENGINE, EXPORTER),
    "p.json:2:91: error[pipeline-wiring]: a sysflowreader writes channels of type 'flattenerchan', not 'sysflowchan'",
    "p.json:2:91: error[pipeline-wiring]: the channel 'sysflow' leads back to a stage before it, so records would go in a circle",
  ],
  [
    'a pipeline into which nothing comes',
    pipeline(ENGINE, EXPORTER),
    "p.json:2:15: error[pipeline-wiring]: no stage reads a channel of type 'sysflowchan', so nothing comes in",
    "p.json:2:55: error[pipeline-wiring]: no stage writes to the channel 'flat'",
  ],
  [
    'two exporters that write one file',
    pipeline(
      READER,
      TEE,
      EXPORTER.replace('{', '{"export": "file", '),
      SECOND.replace('{', '{"export": "file", "file.path": "src/../export.out", '),
    ),
    "p.json:5:67: error[pipeline-wiring]: another exporter writes to the file 'src/../export.out'",
  ],
  [
    'a channel twice in one list',
    pipeline(READER, ENGINE.replace('"evt eventchan"', '["evt eventchan", "evt eventchan"]'), EXPORTER),
    "p.json:3:102: error[pipeline-wiring]: 'out' names the channel 'evt' twice",
  ],
];

for (const [what, text, ...problems] of REJECTED) {
  test(`refused: ${what}`, async () => {
    const loaded = await load(text);
    assert.deepEqual(loaded.problems, problems);
  });
}
