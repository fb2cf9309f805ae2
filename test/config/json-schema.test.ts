import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUILT_IN } from '../../src/components/builtins.js';
import { pipelineSchema } from '../../src/config/json-schema.js';
import { load } from './support/load.js';

interface Schema {
  readonly properties: Readonly<Record<string, Schema>>;
  readonly items: Schema;
  readonly allOf: readonly { readonly if: Schema; readonly then: Schema }[];
  readonly const: string;
  readonly pattern: string;
  readonly description: string;
}
const schema = pipelineSchema(BUILT_IN) as Schema;

test('every key of every stanza stands in the schema, described', () => {
  const stages = schema.properties.pipeline!.items.allOf;
  assert.deepEqual(
    stages.map((stage) => stage.if.properties.processor!.const),
    [...BUILT_IN.processors.keys()],
  );
  const tables = [...[...BUILT_IN.processors.values()].map(({ schema: one }) => one), BUILT_IN.driverSchema];
  const stanzas = [...stages.map((stage) => stage.then), schema.properties.drivers!.items];
  for (const [i, table] of tables.entries()) {
    for (const key of Object.keys(table)) assert.ok(stanzas[i]!.properties[key]!.description.length > 0, key);
  }
});

test('every pattern is a regular expression', () => {
  const patterns = [...JSON.stringify(schema).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)];
  assert.ok(patterns.length > 10);
  for (const [, text] of patterns) new RegExp(JSON.parse(text!) as string, 'u');
});

test('a pipeline file may name its schema', async () => {
  const { problems } = await load('{"$schema": "./pipeline.schema.json", "pipeline": [7]}');
  assert.deepEqual(problems, ['p.json:1:52: error[invalid-value]: a stanza must be an object']);
});
