/** JSON paths on attributes that hold JSON, in GJSON's syntax: `sf.pod.services[0.clusterip.1]`. */
import { textOfValue } from './json-text.js';
import { Path } from './path.js';

/** A compiled path. */
export interface JsonPath {
  /**
   * The value at the path in a JSON text, as text: a string without its quotes, a number, `true` or `false`, arrays and
   * objects as they are written; empty where there is none or it is null.
   */
  textAt(json: string): string;
}

/** Compiled paths that are kept; policies name fewer. */
const KEPT = 1000;
const compiled = new Map<string, JsonPath>();

/** The compiled form of a path; any text is one. */
export function jsonPath(path: string): JsonPath {
  let known = compiled.get(path);
  if (known === undefined) {
    if (compiled.size >= KEPT) compiled.clear();
    known = new RememberingPath(path);
    compiled.set(path, known);
  }
  return known;
}

/** Remembers its last answer, since several tests ask the same of one record. */
class RememberingPath implements JsonPath {
  readonly #path: Path;
  #json = '';
  #text = '';

  constructor(path: string) {
    this.#path = new Path(path);
    this.#text = textOfValue(this.#path.get('') ?? '');
  }

  textAt(json: string): string {
    if (json !== this.#json) {
      this.#text = textOfValue(this.#path.get(json) ?? '');
      this.#json = json;
    }
    return this.#text;
  }
}
