/**
 * Generates the function that appends the records of one kind: constant text becomes words in the code, and nothing is
 * looked up or decided per piece. The source is made of numbers alone, also the constant text.
 */

import type { FlatRecord } from '../../records/flat-record.js';
import { INT64_DIGITS, writeInt32, writeInt64 } from '../../sysflow/int64.js';
import { type ByteBuffer, WORD } from '../byte-buffer.js';
import type { KeptFragments } from './fragment-store.js';
import type { KeptSources } from './kept-sources.js';
import type { KeptSource, Piece } from './record-plan.js';
import type { Write } from './tokens.js';

/** Code that finds what is kept for a source. */
const KEPT: Readonly<Record<KeptSource, string>> = {
  subject: 'subject',
  file: 'file',
  newfile: 'sources.ofFile(record.newFile)',
  signature: 'sources.ofSignature(record)',
  context: 'sources.ofContext(context)',
};

const utf8 = new TextEncoder();

/** The function being generated. Its locals: `at` is where the next byte goes, in the memory `view` of the buffer `out`. */
export class PlanCode {
  readonly #lines: string[] = [];
  /** What the source refers to as `externals`. */
  readonly #externals: unknown[] = [];
  readonly #used = new Set<KeptSource>();
  /** Room for constant text and numbers, all of them, and what their writers overwrite beyond. */
  #room = WORD;

  /** Constant text. */
  text(text: string): void {
    const bytes = utf8.encode(text);
    for (let i = 0; i < bytes.length; i += 4) {
      const word = bytes.subarray(i, i + 4).reduceRight((packed, byte) => (packed << 8) | byte, 0);
      this.#lines.push(`view.setInt32(at + ${i}, ${word}, true);`);
    }
    this.#lines.push(`at += ${bytes.length};`);
    this.#room += bytes.length;
  }

  /** A number in a slot; `wide` for 64 bits. */
  int(slot: number, wide: boolean): void {
    this.#room += INT64_DIGITS;
    if (!wide) {
      this.#lines.push(`at = writeInt32(view, at, slots[base + ${slot}]);`);
      return;
    }
    this.#lines.push(`lo = slots[base + ${slot}], hi = slots[base + ${slot + 1}];
if (hi === 0 && lo >= 0 && lo < 10) view.setUint8(at++, 48 + lo);
else at = writeInt64(view, at, lo, hi);`);
  }

  /** Text of the record alone. */
  event(write: Write): void {
    this.#call(`${this.#external(write)}(record, out);`);
  }

  fragment({ source, number, write, cacheable }: Piece): void {
    this.#used.add(source);
    const append = `append(${KEPT[source]}, ${number}, ${this.#external(write)}, record, out);`;
    if (source === 'context') this.#call(`if (context !== null) ${append}`);
    else if (cacheable === null) this.#call(append);
    else this.#call(`if (${this.#external(cacheable)}(record)) ${append}\nelse ${this.#external(write)}(record, out);`);
  }

  /** The function. @param dependsOnOpenFlags whether what is kept for the file also depends on these */
  compile(sources: KeptSources, dependsOnOpenFlags: boolean): Write {
    const file = `sources.ofFile(record.file)${dependsOnOpenFlags ? '.ofOpenFlags(record.openFlags)' : ''}`;
    const source = `return (record, out) => {
const { slots, base } = record;
${this.#used.has('subject') ? 'const subject = sources.ofSubject(record.subject);' : ''}
${this.#used.has('file') ? `const file = ${file};` : ''}
${this.#used.has('context') ? 'const context = record.context;' : ''}
let lo = 0, hi = 0;
out.reserve(${this.#room});
let view = out.view, at = out.length;
${this.#lines.join('\n').replaceAll('ROOM', String(this.#room))}
out.length = at;
};`;
    const externals = { sources, append, writeInt32, writeInt64, externals: this.#externals };
    return new Function(...Object.keys(externals), source)(...Object.values(externals));
  }

  /** A statement that appends to the buffer. */
  #call(statement: string): void {
    this.#lines.push(`out.length = at;
${statement}
out.reserve(ROOM);
view = out.view, at = out.length;`);
  }

  #external(value: unknown): string {
    return `externals[${this.#externals.push(value) - 1}]`;
  }
}

/** Appends a piece, from what is kept if it is there. */
function append(kept: KeptFragments, number: number, write: Write, record: FlatRecord, out: ByteBuffer): void {
  if (kept.append(number, out)) return;
  const start = out.length;
  write(record, out);
  kept.keep(number, out, start);
}
