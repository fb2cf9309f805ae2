import { type JsonNode, parseJson } from '../config/json.js';
import { Diagnostics } from '../diagnostics/diagnostic.js';
import { positionAt } from '../diagnostics/format.js';

/** A value of JSON text. Integers that a number cannot represent exactly are BigInts. */
export type JsonValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

export type JsonObject = { readonly [key: string]: JsonValue };

/**
 * Reads JSON text as `JSON.parse` does, but exactly: an integer beyond ±(2⁵³ − 1), such as a time in nanoseconds, becomes a
 * BigInt.
 *
 * @throws SyntaxError if the text is not valid JSON
 */
export function parseExactJson(text: string): JsonValue {
  const diagnostics = new Diagnostics();
  const node = parseJson({ path: 'JSON', text }, diagnostics);
  const [problem] = diagnostics.items;
  if (node !== null && problem === undefined) return toValue(node);
  const { line, column } = positionAt(text, problem?.range?.start ?? 0);
  throw new SyntaxError(`${line}:${column}: ${problem?.message}`);
}

function toValue(node: JsonNode): JsonValue {
  switch (node.kind) {
    case 'object':
      return Object.fromEntries(node.members.map(({ key, value }) => [key, toValue(value)]));
    case 'array':
      return node.items.map(toValue);
    case 'number': {
      const value = Number(node.text);
      return /^-?\d+$/.test(node.text) && !Number.isSafeInteger(value) ? BigInt(node.text) : value;
    }
    case 'null':
      return null;
    default:
      return node.value;
  }
}
