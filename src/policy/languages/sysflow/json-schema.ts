/** The JSON Schema of policy files, for editors. It is generated from the description of keys that the loader uses. */
import { RECORD_TYPE_CODES } from '../../../sysflow/record-types.js';
import type { ItemDescription, KeyDescription } from '../language.js';
import { ITEMS, SEVERITIES } from './keys.js';

/**
 * Returns the schema (draft-07, which editors support best) of a policy file. In VS Code's YAML extension:
 * `"yaml.schemas": {"policy.schema.json": "policies/*.yaml"}`.
 */
export function policySchema(): object {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'SysFlow policy',
    description: 'Rules, filters, macros and lists of the SysFlow processor.',
    type: 'array',
    items: { oneOf: ITEMS.map(itemSchema) },
  };
}

function itemSchema({ description, keys }: ItemDescription): object {
  const effective = Object.entries(keys).filter(([, key]) => key.ignored === undefined);
  return {
    type: 'object',
    description,
    properties: Object.fromEntries(effective.map(([name, key]) => [name, keySchema(key)])),
    required: effective.filter(([, key]) => key.required === true).map(([name]) => name),
    additionalProperties: false,
  };
}

const TEXT = { type: ['string', 'number', 'boolean'] };

function keySchema({ type, description }: KeyDescription): object {
  switch (type) {
    case 'name':
    case 'text':
    case 'any':
      return { description, ...TEXT };
    case 'condition':
      return { description, type: 'string', minLength: 1 };
    case 'severity':
      return { description, anyOf: [{ enum: [...SEVERITIES.keys()] }, { type: 'string', pattern: severityPattern() }] };
    case 'boolean':
      return { description, type: 'boolean' };
    case 'record-types':
      return { description, ...listOf({ enum: RECORD_TYPE_CODES.filter((code) => code !== '') }) };
    case 'names':
      return { description, ...listOf(TEXT) };
    case 'items':
      return { description, type: 'array', items: { anyOf: [TEXT, { type: 'array', items: TEXT }] } };
  }
}

function listOf(items: object): object {
  return { type: 'array', items };
}

/** Severities are case-insensitive, which JSON Schema can only express as a pattern. */
function severityPattern(): string {
  const anyCase = (name: string): string => name.replace(/[a-z]/g, (c) => `[${c}${c.toUpperCase()}]`);
  return `^(${[...SEVERITIES.keys()].map(anyCase).join('|')})$`;
}
