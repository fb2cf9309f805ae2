/** The JSON Schema of files of rule tests, for editors. */
import { FIELDS } from '../../fields/table.js';
import { EXPECTATION, FILE, type KeyDescription, type MapDescription } from './keys.js';

/** A JSON Schema, draft-07, which editors know best. */
export type JsonSchema = { readonly [key: string]: unknown };

/** Texts may stand without quotes, so they may look like something else. */
const TEXT: JsonSchema = { type: ['string', 'number', 'boolean'] };
const INTEGER: JsonSchema = { type: ['integer', 'string'], pattern: '^-?[0-9]+$' };

/** Makes the schema. */
export function ruleTestSchema(): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'sfprocessor rule tests',
    ...mapSchema(FILE),
    required: ['tests'],
  };
}

function mapSchema({ description, keys }: MapDescription): JsonSchema {
  const properties = Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, keySchema(value)]));
  return { type: 'object', description, properties, additionalProperties: false };
}

/** A map, or the text that stands for it. */
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
      return { type: 'array', items: elementSchema(of!), description };
    case 'map':
      return { type: 'object', additionalProperties: elementSchema(of!), description };
    case 'alerts':
      return { ...alertsSchema(), description };
    case 'expectations':
      return {
        type: 'object',
        additionalProperties: { anyOf: [INTEGER, alertsSchema(), mapSchema(EXPECTATION)] },
        description,
      };
  }
}

/** A list of maps of attributes. */
function alertsSchema(): JsonSchema {
  const properties = Object.fromEntries(
    FIELDS.map(({ name, description }) => [
      name,
      { ...TEXT, type: [...(TEXT.type as string[]), 'array'], description },
    ]),
  );
  return { type: 'array', items: { type: 'object', properties, minProperties: 1 } };
}
