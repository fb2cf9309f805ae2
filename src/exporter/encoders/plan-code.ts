/**
 * Generates the function that appends the records of one kind. Constant text becomes integer constants in the code, and
 * no decisions remain to be made at run time for each piece. The generated source consists of numbers only; it contains
 * no text, not even the constant one.
 */

import type { FlatRecord } from '../../records/flat-record.js';
import { INT64_DIGITS, writeInt32, writeInt64 } from '../../sysflow/int64.js';
import { formatIpv4 } from '../../sysflow/ipv4.js';
import { type ByteBuffer, WORD } from '../byte-buffer.js';
import type { CacheSource, FragmentCache } from './fragment-cache.js';
import type { CachedFragments } from './fragment-store.js';
import type { EventToken, IntToken, Ipv4Token, TextToken, Write } from './tokens.js';

/** A step of writing a record. */
export type Step = TextToken | IntToken | Ipv4Token | EventToken | { readonly kind: 'piece'; readonly piece: Piece };

/** A part of a record's text that is cached for one entity. */
export interface Piece {
  readonly source: CacheSource;
  /** Whether it depends on the open flags as well as on the file. */
  readonly dependsOnOpenFlags: boolean;
  /** Its number in the cache. */
  readonly number: number;
  readonly write: Write;
  /** Whether it may be cached for a record; null if it always may. */
  readonly cacheable: ((record: FlatRecord) => boolean) | null;
}

/** Code that finds the cached fragments of an entity. */
const KEPT: Readonly<Record<CacheSource, string>> = {
  actor: 'actor',
  file: 'file',
  newfile: 'cache.ofFile(record.newFile)',
  signature: 'cache.ofSignature(record)',
  context: 'cache.ofContext(context)',
};

const utf8 = new TextEncoder();

/** Compiles steps to a function that appends a record. */
export function compileSteps(steps: readonly Step[], cache: FragmentCache): Write {
  const code = new PlanCode();
  for (const step of steps) code.add(step);
  return code.compile(cache);
}

/**
 * The function being generated. Its local `at` is the offset of the next byte in `view`, the memory of the buffer
 * `out`, which has at least `room` bytes left. Before and after each call that appends to the buffer, these locals are
 * synchronized with the buffer.
 */
class PlanCode {
  readonly #lines: string[] = [];
  /** The values that the source refers to as `external0` and so on. */
  readonly #externals: unknown[] = [];
  readonly #used = new Set<CacheSource>();
  /** Whether the fragments of the file also depend on the open flags. */
  #dependsOnOpenFlags = false;
  /** Size of all constant text and numbers, including the bytes that their writers overwrite after the end. */
  #room = WORD;

  add(step: Step): void {
    switch (step.kind) {
      case 'text':
        this.#text(step.text);
        break;
      case 'int':
        this.#int(step.slot, step.wide);
        break;
      case 'ipv4':
        this.#call(`out.appendAscii(formatIpv4(slots[base + ${step.slot}]));`);
        break;
      case 'event':
        this.#call(`${this.#external(step.write)}(record, out);`);
        break;
      case 'piece':
        this.#piece(step.piece);
        break;
    }
  }

  /** Adds constant text. */
  #text(text: string): void {
    const bytes = utf8.encode(text);
    for (let i = 0; i < bytes.length; i += 4) {
      const word = bytes.subarray(i, i + 4).reduceRight((packed, byte) => (packed << 8) | byte, 0);
      this.#lines.push(`view.setInt32(at + ${i}, ${word}, true);`);
    }
    this.#lines.push(`at += ${bytes.length};`);
    this.#room += bytes.length;
  }

  /** Adds a number in a slot; `wide` for 64 bits. */
  #int(slot: number, wide: boolean): void {
    this.#room += INT64_DIGITS;
    if (!wide) {
      this.#lines.push(`at = writeInt32(view, at, slots[base + ${slot}]);`);
      return;
    }
    this.#lines.push(`lo = slots[base + ${slot}], hi = slots[base + ${slot + 1}];
if (hi === 0 && lo >= 0 && lo < 10) view.setUint8(at++, 48 + lo);
else at = writeInt64(view, at, lo, hi);`);
  }

  #piece({ source, dependsOnOpenFlags, number, write, cacheable }: Piece): void {
    this.#used.add(source);
    this.#dependsOnOpenFlags ||= dependsOnOpenFlags;
    const append = `append(${KEPT[source]}, ${number}, ${this.#external(write)}, record, out);`;
    if (source === 'context') this.#call(`if (context !== null) ${append}`);
    else if (cacheable === null) this.#call(append);
    else this.#call(`if (${this.#external(cacheable)}(record)) ${append}\nelse ${this.#external(write)}(record, out);`);
  }

  /** Returns the compiled function. */
  compile(cache: FragmentCache): Write {
    const file = `cache.ofFile(record.file)${this.#dependsOnOpenFlags ? '.ofOpenFlags(record.openFlags)' : ''}`;
    const source = `return (record, out) => {
const { slots, base } = record;
${this.#used.has('actor') ? 'const actor = cache.ofActor(record.actor);' : ''}
${this.#used.has('file') ? `const file = ${file};` : ''}
${this.#used.has('context') ? 'const context = record.context;' : ''}
const room = ${this.#room};
let lo = 0, hi = 0;
out.reserve(room);
let view = out.view, at = out.length;
${this.#lines.join('\n')}
out.length = at;
};`;
    const externals = { cache, append, writeInt32, writeInt64, formatIpv4 };
    const names = [...Object.keys(externals), ...this.#externals.map((_value, i) => `external${i}`)];
    return new Function(...names, source)(...Object.values(externals), ...this.#externals);
  }

  /** Adds a statement that appends to the buffer. */
  #call(statement: string): void {
    this.#lines.push(`out.length = at;
${statement}
out.reserve(room);
view = out.view, at = out.length;`);
  }

  #external(value: unknown): string {
    return `external${this.#externals.push(value) - 1}`;
  }
}

/** Appends a piece, from the cache if possible. */
function append(kept: CachedFragments, number: number, write: Write, record: FlatRecord, out: ByteBuffer): void {
  if (kept.append(number, out)) return;
  const start = out.length;
  write(record, out);
  kept.keep(number, out, start);
}
