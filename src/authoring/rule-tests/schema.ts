/** The JSON Schema of rule test files, for editors. */
import { FIELDS } from '../../fields/table.js';
import {
  CONTAINER,
  EVENT,
  EXPECTATION,
  FILE,
  type KeyDescription,
  type MapDescription,
  POD,
  PROCESS,
  TEST,
} from './keys.js';

/** A JSON Schema, draft-07, which editors support best. */
export type JsonSchema = { readonly [key: string]: unknown };

/** Strings without quotes can look like other types. */
const TEXT: JsonSchema = { type: ['string', 'number', 'boolean'] };
const INTEGER: JsonSchema = { type: ['integer', 'string'], pattern: '^-?[0-9]+$' };

/** Creates the schema. */
export function ruleTestSchema(): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'sfprocessor rule tests',
    ...mapSchema(FILE),
    required: ['tests'],
    definitions: {
      ...Object.fromEntries([...NAMES].map(([description, name]) => [name, elementSchema(description)])),
      alert: alertSchema(),
    },
  };
}

/** Names of the definitions of maps that appear more than once. */
const NAMES: ReadonlyMap<MapDescription, string> = new Map([
  [PROCESS, 'process'],
  [CONTAINER, 'container'],
  [POD, 'pod'],
  [EVENT, 'event'],
  [TEST, 'test'],
  [EXPECTATION, 'expectation'],
]);

function reference(to: MapDescription): JsonSchema {
  return { $ref: `#/definitions/${NAMES.get(to)!}` };
}

function mapSchema({ description, keys }: MapDescription): JsonSchema {
  const properties = Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, keySchema(value)]));
  return { type: 'object', description, properties, additionalProperties: false };
}

/** Creates the schema of a map, or of a string in its place. */
function elementSchema(of: MapDescription): JsonSchema {
  if (of.shorthand === undefined) return mapSchema(of);
  return { oneOf: [mapSchema(of), { ...TEXT, description: of.keys[of.shorthand]!.description }] };
}

function keySchema({ type, description, values, of }: KeyDescription): JsonSchema {
  const one = values === undefined ? TEXT : { enum: values };
  switch (type) {
    case 'text':
      return { ...one, description };
    case 'integer':
      return { ...INTEGER, description };
    case 'boolean':
      return { type: 'boolean', description };
    case 'texts':
      return { anyOf: [TEXT, { type: 'array', items: TEXT }], description };
    case 'words':
      return { anyOf: [one, { type: 'string' }, { type: 'array', items: one }], description };
    case 'policy':
      return { anyOf: [TEXT, { type: 'array', items: { type: ['string', 'object'] } }], description };
    case 'list':
      return { type: 'array', items: reference(of!), description };
    case 'map':
      return { type: 'object', additionalProperties: reference(of!), description };
    case 'alerts':
      return { ...ALERTS, description };
    case 'expectations':
      return {
        type: 'object',
        additionalProperties: { anyOf: [INTEGER, ALERTS, reference(EXPECTATION)] },
        description,
      };
  }
}

const ALERTS: JsonSchema = { type: 'array', items: { $ref: '#/definitions/alert' } };

/** Creates the schema of a map of attributes. */
function alertSchema(): JsonSchema {
  const type = ['string', 'number', 'boolean', 'array'];
  const properties = Object.fromEntries(FIELDS.map(({ name, description }) => [name, { type, description }]));
  return { type: 'object', description: 'An alert by some of its attributes.', properties, minProperties: 1 };
}
