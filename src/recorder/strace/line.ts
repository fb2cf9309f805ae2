/**
 * Parses lines of `strace -f -q -ttt -T -yy -o FILE`.
 *
 *     line       = [ pid blanks ] [ seconds "." fraction blank ] body
 *     body       = call | unfinished | resumed | exited | killed | superseded | signal | note
 *     call       = head ")" blanks "=" blank result [ blank "<" seconds "." fraction ">" ]
 *     head       = name "(" items                                      (items: see values.ts)
 *     result     = "?" [ blank errno " (" text ")" ]
 *                | "-1 " errno " (" text ")" [ " (INJECTED)" ]
 *                | ( number | address ) [ "<" target ">" ] [ " (" text ")" ] [ comment ]
 *     unfinished = head " <unfinished ...>" | head " <pid changed to " number " ...>"     (the latter: execve of a thread)
 *     resumed    = "<... " name " resumed>" rest-of-call
 *     exited     = "+++ exited with " number " +++"
 *     killed     = "+++ killed by " signal [ " (core dumped)" ] " +++"
 *     superseded = "+++ superseded by execve in pid " number " +++"
 *     signal     = "--- " text " ---"
 *     note       = other messages of strace, in brackets or after "strace: "
 *
 * The head of an unfinished call and the rest of its resumption together form a complete call ({@link parseCall}).
 */
import { type DescriptorValue, type StraceValue, ValueParser } from './values.js';

/** A complete system call. */
export interface StraceCall {
  readonly name: string;
  readonly args: readonly StraceValue[];
  /** Its result; null for `?`, which stands for a call that did not return. */
  readonly value: number | null;
  /** Name of the error, such as `ENOENT`; null if there is none. */
  readonly errno: string | null;
  /** The returned descriptor with its resource. */
  readonly descriptor: DescriptorValue | null;
  /** Id of the new process or thread as strace knows it, if the call returned the id in another pid namespace. */
  readonly childTid: number | null;
  /** Duration in nanoseconds; null if not printed. */
  readonly duration: bigint | null;
}

/** The content of a line. */
export type LineBody =
  | { readonly kind: 'call'; readonly call: StraceCall }
  /** `text` is the start of the call, up to the interruption. */
  | { readonly kind: 'unfinished'; readonly name: string; readonly text: string }
  /** `text` is the rest of the call. */
  | { readonly kind: 'resumed'; readonly name: string; readonly text: string }
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string; readonly core: boolean }
  | { readonly kind: 'superseded'; readonly by: number }
  | { readonly kind: 'signal' }
  | { readonly kind: 'note' }
  /** A line that does not match the grammar. */
  | { readonly kind: 'damaged' };

/** One line. */
export interface TraceLine {
  /** Thread id; 0 if not printed. */
  readonly tid: number;
  /** Nanoseconds since the epoch; 0 if not printed. */
  readonly time: bigint;
  readonly body: LineBody;
}

const PREFIX = /^(?:(\d{1,10}) +)?(?:(\d{1,12})\.(\d{1,9}) )?/;
const HEAD = /^[a-zA-Z_][a-zA-Z0-9_]*\(/;
const UNFINISHED = / <(?:unfinished|pid changed to \d{1,10}) \.\.\.>$/;
const RESUMED = /^<\.\.\. ([a-zA-Z_][a-zA-Z0-9_]*) resumed>/;
const EXITED = /^\+\+\+ exited with (\d{1,3}) \+\+\+$/;
const KILLED = /^\+\+\+ killed by ([A-Z0-9_+]+)( \(core dumped\))? \+\+\+$/;
const SUPERSEDED = /^\+\+\+ superseded by execve in pid (\d{1,10}) \+\+\+$/;
const RESULT = /^ *= (\?|0x[0-9a-f]+|-?\d+)/;
const ERRNO = /^ (E[A-Z0-9]+)(?: \(|$)/;
const NAMESPACE = /^ \/\* (\d{1,10}) in strace's PID NS \*\//;
const DURATION = / <(\d{1,9})\.(\d{1,9})>$/;
const SIGNAL: LineBody = { kind: 'signal' };
const NOTE: LineBody = { kind: 'note' };
const DAMAGED: LineBody = { kind: 'damaged' };

/** Parses one line (without its newline; one byte per UTF-16 unit). Never throws. */
export function parseLine(line: string): TraceLine {
  const prefix = PREFIX.exec(line)!;
  const tid = prefix[1] === undefined ? 0 : Number(prefix[1]);
  const time = prefix[2] === undefined ? 0n : nanoseconds(prefix[2], prefix[3]!);
  return { tid, time, body: parseBody(line.slice(prefix[0].length)) };
}

function parseBody(text: string): LineBody {
  const head = HEAD.exec(text);
  if (head !== null) {
    const unfinished = text.endsWith(' ...>') ? UNFINISHED.exec(text) : null;
    if (unfinished !== null) {
      return { kind: 'unfinished', name: head[0].slice(0, -1), text: text.slice(0, unfinished.index) };
    }
    const call = parseCall(text);
    return call === null ? DAMAGED : { kind: 'call', call };
  }
  if (text.startsWith('<...')) {
    const resumed = RESUMED.exec(text);
    return resumed === null ? DAMAGED : { kind: 'resumed', name: resumed[1]!, text: text.slice(resumed[0].length) };
  }
  if (text.startsWith('--- ') && text.endsWith(' ---')) return SIGNAL;
  if (text.startsWith('+++ ')) return parseEnd(text);
  return text.startsWith('strace: ') || text.startsWith('[ ') ? NOTE : DAMAGED;
}

function parseEnd(text: string): LineBody {
  const exited = EXITED.exec(text);
  if (exited !== null) return { kind: 'exited', code: Number(exited[1]) };
  const killed = KILLED.exec(text);
  if (killed !== null) return { kind: 'killed', signal: killed[1]!, core: killed[2] !== undefined };
  const superseded = SUPERSEDED.exec(text);
  return superseded === null ? DAMAGED : { kind: 'superseded', by: Number(superseded[1]) };
}

/** Parses a complete call, from its name to its duration; returns null if the text is not a call. */
export function parseCall(text: string): StraceCall | null {
  const head = HEAD.exec(text);
  if (head === null) return null;
  const parser = new ValueParser(text, head[0].length);
  const args = parser.items(')');
  if (parser.damaged) return null;
  const result = RESULT.exec(text.slice(parser.position, parser.position + 64));
  if (result === null) return null;
  const end = parser.position + result[0].length;
  const word = result[1]!;
  parser.position = end - word.length;
  const descriptor = parser.descriptor();
  const duration = DURATION.exec(text);
  const translated = NAMESPACE.exec(text.slice(end, end + 64));
  return {
    name: head[0].slice(0, -1),
    args,
    value: word === '?' ? null : Number(word),
    errno: ERRNO.exec(text.slice(end, end + 64))?.[1] ?? null,
    descriptor,
    childTid: translated === null ? null : Number(translated[1]),
    duration: duration === null ? null : nanoseconds(duration[1]!, duration[2]!),
  };
}

/** Parses the arguments of a call that has not returned yet, as far as they are printed. */
export function parseHead(text: string): readonly StraceValue[] {
  const head = HEAD.exec(text);
  return head === null ? [] : new ValueParser(text, head[0].length).items(')');
}

function nanoseconds(seconds: string, fraction: string): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}
