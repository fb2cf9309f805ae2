/** The built-in modifiers of GJSON paths: functions that take a JSON text and an argument and return a JSON text. */
import {
  eachElement,
  eachMember,
  firstValue,
  isValidJson,
  quote,
  textOfValue,
  typeOf,
  unquote,
  wholeValue,
} from './json-text.js';
import { pretty, ugly } from './pretty.js';

export type Modifier = (json: string, argument: string) => string;

export const MODIFIERS: ReadonlyMap<string, Modifier> = new Map([
  ['this', (json) => json],
  ['valid', (json) => (isValidJson(json) ? json : '')],
  ['pretty', pretty],
  ['ugly', ugly],
  ['reverse', reverse],
  ['flatten', flatten],
  ['join', join],
  ['keys', keys],
  ['values', values],
  ['tostr', (json) => quote(json)],
  ['fromstr', (json) => (isValidJson(json) ? textOfValue(wholeValue(json)) : '')],
  ['group', group],
]);

/** Returns the value of an option in an argument such as `{"deep":true}`, or null. */
function option(argument: string, name: string): string | null {
  let found: string | null = null;
  if (typeOf(argument) !== 'object') return null;
  eachMember(argument, (key, value) => {
    if (unquote(key) === name) found = value;
    return true;
  });
  return found;
}

function isSet(argument: string, name: string): boolean {
  const value = option(argument, name);
  return value !== null && /^(?:true|"?(?:1|t|true)"?|[1-9].*)$/i.test(value);
}

/** Returns the elements of an array, the values of an object, or the value itself. */
function valuesOf(value: string): string[] {
  const found: string[] = [];
  const type = typeOf(value);
  if (type === 'array') eachElement(value, (element) => found.push(element) > 0);
  else if (type === 'object') eachMember(value, (_, member) => found.push(member) > 0);
  else if (type !== 'none') found.push(value);
  return found;
}

/** Reverses the elements of an array or the members of an object. */
function reverse(json: string): string {
  const value = firstValue(json);
  switch (typeOf(value)) {
    case 'array':
      return `[${valuesOf(value).reverse().join(',')}]`;
    case 'object': {
      const members: string[] = [];
      eachMember(value, (key, member) => members.push(`${key}:${member}`) > 0);
      return `{${members.reverse().join(',')}}`;
    }
    default:
      return json;
  }
}

/** Replaces arrays in an array by their elements; with `{"deep":true}` on all levels. */
function flatten(json: string, argument: string): string {
  const value = firstValue(json);
  if (typeOf(value) !== 'array') return json;
  if (isSet(argument, 'deep')) return `[${deepElements(value).join(',')}]`;
  const pieces = valuesOf(value).map((element) =>
    typeOf(element) === 'array' ? element.slice(1, -1).trim() : element,
  );
  return `[${pieces.filter((piece) => piece !== '').join(',')}]`;
}

/** Returns all elements that are not arrays, in one pass over the text that ignores the brackets of arrays. */
function deepElements(array: string): string[] {
  const found: string[] = [];
  for (let i = 0; i < array.length; ) {
    const unit = array.charCodeAt(i);
    if (unit <= 0x20 || unit === 0x2c || unit === 0x5b || unit === 0x5d) {
      i++;
      continue;
    }
    const element = firstValue(array.slice(i));
    found.push(element);
    i += Math.max(1, element.length);
  }
  return found;
}

/**
 * Merges the objects of an array into one. For duplicate keys the last value is used; with `{"preserve":true}` all are
 * kept.
 */
function join(json: string, argument: string): string {
  const value = firstValue(json);
  if (typeOf(value) !== 'array') return json;
  const preserve = isSet(argument, 'preserve');
  const all: string[] = [];
  const byKey = new Map<string, string>();
  for (const element of valuesOf(value)) {
    if (typeOf(element) !== 'object') continue;
    eachMember(element, (key, member) => {
      if (preserve) all.push(`${key}:${member}`);
      else byKey.set(unquote(key), member);
      return true;
    });
  }
  const joined = preserve ? all : [...byKey].map(([key, member]) => `${quote(key)}:${member}`);
  return `{${joined.join(',')}}`;
}

/** Returns the keys of an object as an array; null for a value without a key. */
function keys(json: string): string {
  const value = firstValue(json);
  if (typeOf(value) !== 'object')
    return `[${valuesOf(value)
      .map(() => 'null')
      .join(',')}]`;
  const found: string[] = [];
  eachMember(value, (key) => found.push(key) > 0);
  return `[${found.join(',')}]`;
}

/** Returns the values of an object as an array. */
function values(json: string): string {
  const value = firstValue(json);
  return typeOf(value) === 'array' ? value : `[${valuesOf(value).join(',')}]`;
}

/** Converts an object of arrays to an array of objects: `{"a":[1,2],"b":[3,4]}` → `[{"a":1,"b":3},{"a":2,"b":4}]`. */
function group(json: string): string {
  const value = firstValue(json);
  if (typeOf(value) !== 'object') return '';
  const objects: string[][] = [];
  eachMember(value, (key, member) => {
    if (typeOf(member) !== 'array') return true;
    valuesOf(member).forEach((element, index) => {
      const object = objects[index];
      if (object === undefined) objects.push([`${key}:${element}`]);
      else object.push(`${key}:${element}`);
    });
    return true;
  });
  return `[${objects.map((members) => `{${members.join(',')}}`).join(',')}]`;
}
