import { type AlertLine, type LineFormat, parseAlertLine } from './alert-line.js';

/** How a line of ours differs from the recorded one. */
export type Difference = BytesDifference | RuleDifference;

/** Other bytes, or a record that only one side has. */
export interface BytesDifference {
  readonly kind: 'bytes' | 'missing record' | 'extra record';
  /** Recorded line, counted from 1; null for an extra record. */
  readonly line: number | null;
  readonly recorded: string;
  readonly ours: string;
}

/** A rule that only the original found (`lost`), that only we found (`gained`), or of which the outputs tell other things (`changed`). */
export interface RuleDifference {
  readonly kind: 'lost' | 'gained' | 'changed';
  readonly rule: string;
  /** Recorded line, counted from 1; null if only we have the record. */
  readonly line: number | null;
  readonly recorded: string;
  readonly ours: string;
}

/**
 * Compares lines of output, in order.
 *
 * Equal lines are equal bytes. Where they differ, records are told from the rules attached to them, so that a rule that
 * fires on one side only is reported as that, and not as a shift of all lines after it.
 */
export function compareLines(recorded: readonly string[], ours: readonly string[], format: LineFormat): Difference[] {
  const differences: Difference[] = [];
  const theirSide = new Side(recorded, format);
  const ourSide = new Side(ours, format);
  while (theirSide.line !== null || ourSide.line !== null) {
    if (theirSide.line === ourSide.line) {
      theirSide.next++;
      ourSide.next++;
      continue;
    }
    const step = nextStep(theirSide, ourSide);
    const theirs = step === 'ours' ? null : theirSide.take();
    const own = step === 'recorded' ? null : ourSide.take();
    differences.push(...describe(theirs, own));
  }
  return differences;
}

/** A line taken from a side, with its number counted from 1. */
interface TakenLine extends AlertLine {
  readonly text: string;
  readonly number: number;
}

/** One of the two outputs, and how far it is read. */
class Side {
  next = 0;
  readonly #lines: readonly string[];
  readonly #format: LineFormat;
  /** Where each record stands; made when the first lines differ. */
  #places: Map<string, number[]> | null = null;

  constructor(lines: readonly string[], format: LineFormat) {
    this.#lines = lines;
    this.#format = format;
  }

  /** The next line, or null at the end. */
  get line(): string | null {
    return this.#lines[this.next] ?? null;
  }

  get record(): string {
    return parseAlertLine(this.line ?? '', this.#format).record;
  }

  /** Type and time of the next record, by which a record that is written differently is still known. */
  get moment(): string {
    const line = this.line ?? '';
    return (this.#format === 'tsv' ? /^\w+\t\d+/ : /"(?:@timestamp|ts)":[^,]*/).exec(line)?.[0] ?? '';
  }

  take(): TakenLine {
    const text = this.line ?? '';
    this.next++;
    return { ...parseAlertLine(text, this.#format), text, number: this.next };
  }

  /** How many lines ahead a record stands, or -1. */
  distanceTo(record: string): number {
    this.#places ??= this.#index();
    const place = this.#places.get(record)?.find((at) => at >= this.next);
    return place === undefined ? -1 : place - this.next;
  }

  #index(): Map<string, number[]> {
    const places = new Map<string, number[]>();
    for (let at = this.next; at < this.#lines.length; at++) {
      const { record } = parseAlertLine(this.#lines[at]!, this.#format);
      const known = places.get(record);
      if (known === undefined) places.set(record, [at]);
      else known.push(at);
    }
    return places;
  }
}

/** Which side goes on: `both` for two lines that tell of the same record, or of one that is written differently. */
function nextStep(theirSide: Side, ourSide: Side): 'both' | 'recorded' | 'ours' {
  if (theirSide.line === null) return 'ours';
  if (ourSide.line === null) return 'recorded';
  const { record } = theirSide;
  const own = ourSide.record;
  if (record === own) return 'both';
  const inOurs = ourSide.distanceTo(record);
  const inRecorded = theirSide.distanceTo(own);
  if (inOurs === -1 && inRecorded === -1) return theirSide.moment === ourSide.moment ? 'both' : 'recorded';
  if (inOurs === -1) return 'recorded';
  if (inRecorded === -1) return 'ours';
  return inOurs <= inRecorded ? 'ours' : 'recorded';
}

function describe(theirs: TakenLine | null, own: TakenLine | null): Difference[] {
  const common = { line: theirs?.number ?? null, recorded: theirs?.text ?? '', ours: own?.text ?? '' };
  if (theirs !== null && own !== null && theirs.record !== own.record) return [{ kind: 'bytes', ...common }];
  const rules = ruleDifferences(theirs?.rules ?? [], own?.rules ?? []);
  if (rules.length > 0) return rules.map((rule) => ({ ...rule, ...common }));
  const kind = theirs === null ? 'extra record' : own === null ? 'missing record' : 'bytes';
  return [{ kind, ...common }];
}

function ruleDifferences(
  theirs: AlertLine['rules'],
  own: AlertLine['rules'],
): { kind: RuleDifference['kind']; rule: string }[] {
  const found: { kind: RuleDifference['kind']; rule: string }[] = [];
  const left = [...own];
  for (const rule of theirs) {
    const same = left.findIndex((other) => other.text === rule.text);
    const named = same === -1 ? left.findIndex((other) => other.name === rule.name) : same;
    if (named === -1) found.push({ kind: 'lost', rule: rule.name });
    else {
      if (same === -1) found.push({ kind: 'changed', rule: rule.name });
      left.splice(named, 1);
    }
  }
  for (const rule of left) found.push({ kind: 'gained', rule: rule.name });
  return found;
}

/** The first differing bytes of two lines with what stands around them; lines are of one character per byte. */
export function firstDifference(recorded: string, ours: string): string {
  let at = 0;
  while (at < recorded.length && recorded[at] === ours[at]) at++;
  const from = Math.max(0, at - 60);
  const show = (line: string): string => {
    const text = Buffer.from(line.slice(from, at + 60), 'latin1').toString('utf8');
    return `${from > 0 ? '…' : ''}${text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '·')}${line.length > at + 60 ? '…' : ''}`;
  };
  return `byte ${at + 1}\n    recorded ${show(recorded)}\n    ours     ${show(ours)}`;
}
