/** JSON paths on attributes that contain JSON, in GJSON's syntax: `sf.pod.services[0.clusterip.1]`. */
import { textOfValue } from './json-text.js';
import { Path } from './path.js';

/** A compiled path. */
export interface JsonPath {
  /**
   * Returns the value at the path in a JSON text, as text: a string without its quotes, a number, `true` or `false`,
   * arrays and objects as written. Empty if there is no value or it is null.
   */
  textAt(json: string): string;
}

/** Maximum number of cached compiled paths; real policies use fewer. */
const MAX_CACHED_PATHS = 1000;
const compiled = new Map<string, JsonPath>();

/** Compiles a path. Every text is a valid path. */
export function jsonPath(path: string): JsonPath {
  let known = compiled.get(path);
  if (known === undefined) {
    if (compiled.size >= MAX_CACHED_PATHS) compiled.clear();
    known = new CachingPath(path);
    compiled.set(path, known);
  }
  return known;
}

/** Caches its last result, since several tests usually read the same path of one record. */
class CachingPath implements JsonPath {
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
