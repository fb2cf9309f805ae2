import { type Code, global, i32 } from './assembler.js';

/**
 * The functions of a module by index; those that read a kind of record follow. All of them read at the global, the position,
 * and move it on.
 */
export const FUNCTION = {
  long: 0,
  time: 1,
  int: 2,
  oid: 3,
  sized: 4,
  hash: 5,
  find: 6,
  add: 7,
  firstReader: 8,
} as const;

/** `i32` on the stack added to the position. */
export const ADVANCE: Code = [...global.get, ...i32.add, ...global.set];
