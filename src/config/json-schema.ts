/** The JSON Schema of pipeline files for editors, generated from the tables that also check them. */
import type { ComponentTable, ProcessorStanza } from '../components/component-table.js';
import type { Option, StanzaSchema } from '../components/options.js';

/**
 * Makes the schema (draft-07, which editors support best). A pipeline file can name it under the key `$schema`. In VS
 * Code, this setting works too: `"json.schemas": [{"fileMatch": ["pipeline*.json"], "url": "./pipeline.schema.json"}]`.
 */
export function pipelineSchema({ processors, driverSchema }: ComponentTable): object {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'SysFlow pipeline',
    description: 'The stages of the SysFlow processor and how they are connected.',
    type: 'object',
    properties: {
      $schema: { type: 'string' },
      _comment: {},
      plugins: {
        description: 'Plugins that are loaded: paths relative to this file, and names of packages.',
        type: 'array',
        items: { type: 'string', minLength: 1 },
      },
      pipeline: {
        description: 'The stages.',
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          required: ['processor'],
          properties: { processor: { description: 'What the stage does.', enum: [...processors.keys()] } },
          allOf: [...processors].map(([name, stanza]) => ({
            if: { properties: { processor: { const: name } } },
            // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema.
            then: processorSchema(stanza),
          })),
        },
      },
      drivers: {
        description: 'What reads the input; without it, the file driver with the path of the command line.',
        type: 'array',
        items: stanzaSchema(driverSchema, { out: endsSchema('sysflowchan') }, ['driver', 'out']),
      },
    },
    required: ['pipeline'],
    additionalProperties: false,
  };
}

function processorSchema({ component, schema }: ProcessorStanza): object {
  const ends = {
    in: endsSchema(component.in),
    ...(component.out === null ? {} : { out: endsSchema(component.out) }),
  };
  return stanzaSchema(schema, { processor: {}, ...ends }, Object.keys(ends));
}

function stanzaSchema(schema: StanzaSchema, own: object, required: readonly string[]): object {
  const keys = Object.entries(schema).map(([key, option]) => [key, optionSchema(option)]);
  return {
    type: 'object',
    properties: { _comment: {}, ...own, ...Object.fromEntries(keys) },
    required,
    additionalProperties: false,
  };
}

/** Makes the schema of one channel of a type, or of an array of channels. */
function endsSchema(type: string): object {
  const end = { type: 'string', pattern: `^\\s*\\S+\\s+${type}\\s*$` };
  return {
    description: `A channel, as 'NAME ${type}', or an array of them.`,
    oneOf: [end, { type: 'array', items: end, minItems: 1, uniqueItems: true }],
  };
}

function optionSchema(option: Option): object {
  const { description } = option;
  const value = option.default === null || option.type === 'duration' ? {} : { default: option.default };
  const base = { description, ...value };
  switch (option.type) {
    case 'text':
      return {
        ...base,
        type: ['string', 'number', 'boolean', ...(option.list === true ? ['array'] : [])],
        minLength: 1,
      };
    case 'texts':
      return { ...base, type: ['string', 'array'], minLength: 1, minItems: 1, items: { type: 'string', minLength: 1 } };
    case 'choice':
      return { ...base, enum: [...option.choices, ...Object.keys(option.synonyms ?? {})] };
    case 'switch':
      return { ...base, enum: [true, false, 'on', 'off', 'true', 'false', 'yes', 'no', '1', '0', 1, 0] };
    case 'integer':
      return {
        ...base,
        oneOf: [
          { type: 'integer', minimum: option.minimum, maximum: option.maximum },
          { type: 'string', pattern: '^[+-]?[0-9]+$' },
        ],
      };
    case 'size':
      return {
        ...base,
        oneOf: [
          { type: 'integer', minimum: 0 },
          { type: 'string', pattern: '^[0-9.]+(e[0-9]+)?\\s*[kKmMgGtT]?(i?[bB])?$' },
        ],
      };
    case 'duration':
      return {
        ...base,
        oneOf: [
          { type: 'number', minimum: 0 },
          { type: 'string', pattern: '^\\s*([0-9.]+|([0-9.]+(ms|s|m|h|d))+)\\s*$' },
        ],
      };
  }
}
