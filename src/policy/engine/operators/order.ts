import type { Operator } from '../../model/policy.js';
import type { OrderOperator } from './operator.js';

const LEAST = -(1n << 63n);
const GREATEST = (1n << 63n) - 1n;

/** An empty range: `first` is greater than `last`. */
const NONE = { first: 1n, last: 0n };

function order(
  name: Operator,
  words: string,
  interpret: (left: bigint, right: bigint) => boolean,
  compile: (right: bigint) => { first: bigint; last: bigint },
): OrderOperator {
  return { kind: 'order', name, interpret, compile, describe: (operands) => `is ${words} ${operands}` };
}

/** `a < b` on 64-bit integers, exact; false if one side is not an integer. */
export const less: OrderOperator = order(
  '<',
  'less than',
  (left, right) => left < right,
  (right) => (right === LEAST ? NONE : { first: LEAST, last: right - 1n }),
);

/** `a <= b` on 64-bit integers. */
export const lessOrEqual: OrderOperator = order(
  '<=',
  'at most',
  (left, right) => left <= right,
  (right) => ({ first: LEAST, last: right }),
);

/** `a > b` on 64-bit integers. */
export const greater: OrderOperator = order(
  '>',
  'greater than',
  (left, right) => left > right,
  (right) => (right === GREATEST ? NONE : { first: right + 1n, last: GREATEST }),
);

/** `a >= b` on 64-bit integers. */
export const greaterOrEqual: OrderOperator = order(
  '>=',
  'at least',
  (left, right) => left >= right,
  (right) => ({ first: right, last: GREATEST }),
);
