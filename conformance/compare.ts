import { type AlertLine, type LineFormat, parseAlertLine } from './alert-line.js';

/** A difference between this program's output and the recorded one. */
export type Difference = BytesDifference | RuleDifference;

/** Different bytes, or a record in only one of the outputs. */
export interface BytesDifference {
  readonly kind: 'bytes' | 'missing record' | 'extra record';
  /** Recorded line, counted from 1; null for an extra record. */
  readonly line: number | null;
  readonly recorded: string;
  readonly ours: string;
}

/**
 * A rule that only the original matched (`lost`), that only this program matched (`gained`), or whose details differ
 * (`changed`).
 */
export interface RuleDifference {
  readonly kind: 'lost' | 'gained' | 'changed';
  readonly rule: string;
  /** Recorded line, counted from 1; null if only we have the record. */
  readonly line: number | null;
  readonly recorded: string;
  readonly ours: string;
}

/**
 * Compares lines of output in order.
 *
 * Equal lines are equal bytes. If lines differ, records are compared separately from the rules attached to them, so
 * that a rule that only one side matched is reported as such instead of shifting all later lines.
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

/** A consumed line of one side, with its number counted from 1. */
interface ConsumedLine extends AlertLine {
  readonly text: string;
  readonly number: number;
}

/** One of the two outputs, with the current position. */
class Side {
  next = 0;
  readonly #lines: readonly string[];
  readonly #format: LineFormat;
  /** Positions of each record, indexed at the first difference. */
  #places: Map<string, number[]> | null = null;

  constructor(lines: readonly string[], format: LineFormat) {
    this.#lines = lines;
    this.#format = format;
  }

  /** Returns the next line, or null at the end. */
  get line(): string | null {
    return this.#lines[this.next] ?? null;
  }

  get record(): string {
    return parseAlertLine(this.line ?? '', this.#format).record;
  }

  /** Type and time of the next record, which identify it even if other properties differ. */
  get moment(): string {
    const line = this.line ?? '';
    return (this.#format === 'tsv' ? /^\w+\t\d+/ : /"(?:@timestamp|ts)":[^,]*/).exec(line)?.[0] ?? '';
  }

  take(): ConsumedLine {
    const text = this.line ?? '';
    this.next++;
    return { ...parseAlertLine(text, this.#format), text, number: this.next };
  }

  /** Returns how many lines ahead a record is, or -1. */
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

/** Decides which side to advance: `both` if the lines contain the same record, possibly with different properties. */
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

function describe(theirs: ConsumedLine | null, own: ConsumedLine | null): Difference[] {
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

/** Returns the first differing bytes of two lines with their context; lines have one character per byte. */
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
