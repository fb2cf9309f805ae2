/**
 * The functions of a module by index; those that read a kind of record follow. `long` and `int` read at the global and move it
 * on; the others take a position, most of them with the address for the value, and give the position behind it.
 */
export const FUNCTION = {
  long: 0,
  int: 1,
  putLong: 2,
  putInt: 3,
  putTime: 4,
  putOid: 5,
  passLong: 6,
  passSized: 7,
  hash: 8,
  find: 9,
  add: 10,
  keepFile: 11,
  firstReader: 12,
} as const;
