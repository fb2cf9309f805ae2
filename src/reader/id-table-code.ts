import {
  block,
  branch,
  branchIf,
  type Code,
  I32,
  i32,
  leave,
  repeat,
  type WasmFunction,
  when,
} from '../wasm/assembler.js';
import { add, and, get, load, multiply, not, set, shiftRight, store, unequal, xor } from '../wasm/expressions.js';

/**
 * The function that looks an id up in an `IdTable`: from the address of the id to that of its place, 0 where it has none.
 *
 * @param idWords words in an id, as the table has them
 * @param stride words in a place
 * @param tableAt where the address of the table stands, and behind it its mask
 */
export function findFunction(idWords: number, stride: number, tableAt: number): WasmFunction {
  return placeFunction(idWords, stride, tableAt, () => [i32.const(0), leave]);
}

/** The same that adds an id which has no place; there has to be room for it. */
export function addFunction(idWords: number, stride: number, tableAt: number): WasmFunction {
  return placeFunction(idWords, stride, tableAt, (id, start) => [
    Array.from({ length: idWords }, (_, i) => store(get(start), i * 4, load(get(id), i * 4))),
    store(get(start), idWords * 4, 1),
    [get(start), leave],
  ]);
}

/** @param atFree what is done at the free place where the id would stand, by the locals of both */
function placeFunction(
  idWords: number,
  stride: number,
  tableAt: number,
  atFree: (id: number, start: number) => Code,
): WasmFunction {
  const [id, hash, place, start] = [0, 1, 2, 3];
  const mixed = Array.from({ length: idWords }, (_, i) =>
    set(hash, xor(multiply(xor(get(hash), load(get(id), i * 4)), 0x9e3779b1), shiftRight(get(hash), 15))),
  );
  const nextUnlessEqual = Array.from(
    { length: idWords },
    (_, i): Code => [unequal(load(get(start), i * 4), load(get(id), i * 4)), branchIf(0)],
  );
  const body = [
    mixed,
    set(place, xor(get(hash), shiftRight(get(hash), 16))),
    repeat([
      set(place, and(get(place), load(tableAt + 4))),
      set(start, add(load(tableAt), multiply(get(place), stride * 4))),
      [not(load(get(start), idWords * 4)), when(atFree(id, start))],
      block([nextUnlessEqual, get(start), leave]),
      set(place, add(get(place), 1)),
      branch(0),
    ]),
    i32.const(0),
  ];
  return { parameters: [I32], results: [I32], locals: [I32, I32, I32], body, exported: null };
}
