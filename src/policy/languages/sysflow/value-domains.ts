/** Attributes with few possible values, for checking literals. */

import { EVENT_TYPES, PROTOCOL_NAMES } from '../../../fields/falco-fields.js';
import type { Field } from '../../../fields/field.js';
import { opFlagNames } from '../../../sysflow/op-flags.js';
import { openFlagNames } from '../../../sysflow/open-flags.js';
import { RECORD_TYPE_CODES } from '../../../sysflow/record-types.js';
import type { Suggester } from './suggester.js';

const ALL_BITS = -1;

const OPERATIONS: ReadonlySet<string> = new Set([...opFlagNames(ALL_BITS, false), ...opFlagNames(ALL_BITS, true)]);
const BOOLEANS: ReadonlySet<string> = new Set(['true', 'false']);

const FILE_TYPES: ReadonlySet<string> = new Set('fd46upesliox?');

/** By attribute name. Source: the enumerations of the SysFlow schema and the documentation of the attributes. */
const DOMAINS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['sf.type', new Set(RECORD_TYPE_CODES.filter((code) => code !== ''))],
  ['sf.opflags', OPERATIONS],
  ['evt.type', EVENT_TYPES],
  ['evt.dir', new Set(['<'])],
  ['sf.file.type', FILE_TYPES],
  ['fd.typechar', FILE_TYPES],
  ['sf.file.openflags', new Set(['NONE', ...openFlagNames(ALL_BITS)])],
  ['evt.arg.flags', new Set(['NONE', ...openFlagNames(ALL_BITS)].map((name) => `O_${name}`))],
  [
    'sf.container.type',
    new Set(['host', 'DOCKER', 'LXC', 'LIBVIRT_LXC', 'MESOS', 'RKT', 'CUSTOM', 'CRI', 'CONTAINERD', 'CRIO', 'BPM']),
  ],
  ['fd.l4proto', new Set(PROTOCOL_NAMES.values())],
  [
    'fd.type',
    new Set(['file', 'directory', 'ipv4', 'ipv6', 'unix', 'pipe', 'event', 'signalfd', 'eventpoll', 'inotify']),
  ],
  ['fd.sockfamily', new Set(['ip', 'unix'])],
  [
    'sf.ke.action',
    new Set(['ADDED', 'MODIFIED', 'DELETED', 'ERROR', 'NONEXISTENT', 'UNKNOWN'].map((a) => `K8S_COMPONENT_${a}`)),
  ],
  [
    'sf.ke.kind',
    new Set(
      [
        'NODES',
        'NAMESPACES',
        'PODS',
        'REPLICATIONCONTROLLERS',
        'SERVICES',
        'EVENTS',
        'REPLICASETS',
        'DAEMONSETS',
        'DEPLOYMENTS',
        'UNKNOWN',
      ].map((kind) => `K8S_${kind}`),
    ),
  ],
]);

/**
 * The texts that an attribute can have, besides the empty one on a record to which it does not apply; undefined if
 * there is no restriction.
 */
export function valuesOf(field: Field): ReadonlySet<string> | undefined {
  return field.type === 'bool' ? BOOLEANS : DOMAINS.get(field.name);
}

/** IANA protocol numbers by name. */
const PROTOCOL_NUMBERS: ReadonlyMap<string, string> = new Map(
  [...PROTOCOL_NAMES].map(([number, name]) => [name, String(number)]),
);

/** Attributes whose values have an equivalent spelling, and the function that converts it to the canonical one. */
const SPELLINGS: ReadonlyMap<string, (text: string) => string> = new Map([
  ['sf.container.type', (text) => (text.startsWith('CT_') ? text.slice(3) : text)],
  ['sf.container.privileged', (text) => (text === '1' ? 'true' : text === '0' ? 'false' : text)],
]);

/** Whether values of an attribute have equivalent spellings; see {@link normalizeLiteral}. */
export function hasSpellings({ name }: Field): boolean {
  return SPELLINGS.has(name);
}

/** Returns the canonical spelling of a literal; other literals are returned unchanged. */
export function normalizeLiteral({ name }: Field, text: string): string {
  return SPELLINGS.get(name)?.(text) ?? text;
}

/** Returns the probable meaning of a literal that an attribute cannot have. */
export function suggestLiteral(field: Field, text: string, suggester: Suggester): string | undefined {
  if (field.name === 'sf.net.proto') return PROTOCOL_NUMBERS.get(text.toLowerCase());
  if (field.type === 'time') {
    const milliseconds = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
    return Number.isNaN(milliseconds) ? undefined : String(BigInt(milliseconds) * 1_000_000n);
  }
  const domain = valuesOf(field);
  if (domain === undefined) return undefined;
  // The original accepts a text with commas and matches any of its parts.
  const parts = text.split(',');
  if (parts.length > 1 && parts.every((part) => domain.has(part))) return `in (${parts.join(', ')})`;
  if (field.type === 'bool') return BOOLEAN_WORDS.get(text.toLowerCase());
  for (const candidate of [text.toUpperCase(), text.toLowerCase(), text.toUpperCase().replace(/^OP_|^O_/, '')]) {
    if (domain.has(candidate)) return candidate;
  }
  return text.length < 3 ? undefined : suggester.nearestOf(field.name, text, domain);
}

const BOOLEAN_WORDS: ReadonlyMap<string, string> = new Map([
  ...['1', 'true', 'yes', 'on', 't', 'y'].map((word) => [word, 'true'] as const),
  ...['0', 'false', 'no', 'off', 'f', 'n'].map((word) => [word, 'false'] as const),
]);
