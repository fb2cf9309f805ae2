/** Reports numbers that an attribute can never have. */
import type { Field } from '../../../fields/field.js';
import type { LiteralValue, Operator, Value } from '../../model/policy.js';
import type { ConditionReport } from './report.js';

interface Range {
  readonly least: bigint;
  readonly greatest: bigint;
  /** What the numbers are, in words. */
  readonly what: string;
}

const GREATEST = 2n ** 63n - 1n;
const PORTS: Range = { least: 0n, greatest: 65_535n, what: 'ports are 0 to 65535' };
const PROTOCOLS: Range = { least: 0n, greatest: 255n, what: 'protocols are 0 to 255' };
const PROCESSES: Range = { least: 0n, greatest: GREATEST, what: 'process ids are not negative' };
const COUNTS: Range = { least: 0n, greatest: GREATEST, what: 'counts are not negative' };
/** The schema stores user and group ids as signed 32-bit numbers, so 4294967295, which stands for no user, is -1. */
const IDS: Range = {
  least: -(2n ** 31n),
  greatest: 2n ** 31n - 1n,
  what: 'SysFlow records ids as signed 32-bit numbers',
};

const RANGES: ReadonlyMap<string, Range> = new Map([
  ...['sf.net.sport', 'sf.net.dport', 'sf.net.port'].map((name) => [name, PORTS] as const),
  ['sf.net.proto', PROTOCOLS],
  ...['sf.proc.pid', 'sf.proc.tid', 'sf.proc.apid', 'proc.apid', 'sf.pproc.pid'].map(
    (name) => [name, PROCESSES] as const,
  ),
  ...['rbytes', 'rops', 'wbytes', 'wops'].map((name) => [`sf.flow.${name}`, COUNTS] as const),
  ['sf.pod.restartcnt', COUNTS],
  ...['sf.proc.uid', 'sf.proc.gid', 'sf.pproc.uid', 'sf.pproc.gid'].map((name) => [name, IDS] as const),
]);

/** Warns about equality with a number that an attribute can never have. */
export function reportEqualityOutside({ name }: Field, { text, place }: LiteralValue, report: ConditionReport): void {
  const range = RANGES.get(name);
  if (range === undefined) return;
  const number = BigInt(text);
  if (number >= range.least && number <= range.greatest) return;
  const signed = BigInt.asIntN(32, number);
  const isUnsigned = range === IDS && number > range.greatest && number < 2n ** 32n;
  const hint = isUnsigned ? `write '${signed}' for ${text}` : undefined;
  report.warning('never-true', `'${name}' is never '${text}': ${range.what}`, place, hint);
}

const FLIPPED: Readonly<Partial<Record<Operator, Operator>>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** Warns about an order comparison that holds for every possible number, or for none. */
export function reportOrderOutside(operator: Operator, left: Value, right: Value, report: ConditionReport): void {
  const [field, literal] = left.kind === 'field' ? [left, right] : [right, left];
  if (field.kind !== 'field' || literal.kind !== 'literal') return;
  const { name } = field.field;
  const range = RANGES.get(name);
  if (range === undefined) return;
  const number = BigInt(literal.text.replace(/^\+/, ''));
  const order = left.kind === 'field' ? operator : FLIPPED[operator]!;
  const test = `'${name}' ${order} '${literal.text}'`;
  const verdict = judge(order, number, range);
  if (verdict !== null) {
    report.warning(`${verdict}-true`, `${test} is ${verdict} true: ${range.what}`, literal.place);
  } else if (range === IDS && (order === '<' || order === '<=') && number + (order === '<' ? 0n : 1n) <= 0n) {
    const message = `${test} is only true for ids of 2147483648 and above, which SysFlow records as negative numbers`;
    report.warning('suspicious-literal', message, literal.place, "'= -1' matches 4294967295, the id for no user");
  }
}

function judge(order: Operator, number: bigint, { least, greatest }: Range): 'never' | 'always' | null {
  switch (order) {
    case '<':
      return number <= least ? 'never' : number > greatest ? 'always' : null;
    case '<=':
      return number < least ? 'never' : number >= greatest ? 'always' : null;
    case '>':
      return number >= greatest ? 'never' : number < least ? 'always' : null;
    default:
      return number > greatest ? 'never' : number <= least ? 'always' : null;
  }
}
