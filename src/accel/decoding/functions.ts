/**
 * Indices of the functions of a module; the readers of record kinds follow. `long` and `int` read at the position in
 * the global and advance it. The others take a position, most of them with the address for the value, and return the
 * position after the value.
 */
export const FUNCTION = {
  long: 0,
  int: 1,
  putLong: 2,
  putInt: 3,
  putTime: 4,
  putOid: 5,
  skipLong: 6,
  skipSized: 7,
  hash: 8,
  find: 9,
  add: 10,
  keepFile: 11,
  firstReader: 12,
} as const;
