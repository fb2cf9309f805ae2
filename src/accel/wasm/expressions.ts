/**
 * Code for 32-bit values, written as expressions: an expression puts its value on the stack, a statement leaves the
 * stack unchanged.
 */
import { type Code, i32, i64, local } from './assembler.js';

/** A number, or code that computes one. */
export type Value = Code | number;

function code(value: Value): Code {
  return typeof value === 'number' ? i32.const(value) : value;
}

function binary(operation: Code): (a: Value, b: Value) => Code {
  return (a, b) => [code(a), code(b), operation];
}

export const add: (a: Value, b: Value) => Code = binary(i32.add);
export const subtract: (a: Value, b: Value) => Code = binary(i32.sub);
export const multiply: (a: Value, b: Value) => Code = binary(i32.mul);
export const and: (a: Value, b: Value) => Code = binary(i32.and);
export const or: (a: Value, b: Value) => Code = binary(i32.or);
export const xor: (a: Value, b: Value) => Code = binary(i32.xor);
/** Unsigned. */
export const divide: (a: Value, b: Value) => Code = binary(i32.divU);
export const shiftLeft: (a: Value, b: Value) => Code = binary(i32.shl);
/** Unsigned. */
export const shiftRight: (a: Value, b: Value) => Code = binary(i32.shrU);
export const equal: (a: Value, b: Value) => Code = binary(i32.eq);
export const unequal: (a: Value, b: Value) => Code = binary(i32.ne);
/** Unsigned comparison: a < b. */
export const less: (a: Value, b: Value) => Code = binary(i32.ltU);
export const notLess: (a: Value, b: Value) => Code = binary(i32.geU);

export function not(value: Value): Code {
  return [code(value), i32.eqz];
}

export function get(index: number): Code {
  return local.get(index);
}

export function set(index: number, value: Value): Code {
  return [code(value), local.set(index)];
}

/** The word at an address plus a constant. */
export function load(address: Value, offset = 0): Code {
  return [code(address), i32.load(offset)];
}

/** The eight bytes at an address plus a constant. */
export function load64(address: Value, offset = 0): Code {
  return [code(address), i64.load(offset)];
}

export function store64(address: Value, offset: number, value: Code): Code {
  return [code(address), value, i64.store(offset)];
}

export function loadByte(address: Value, offset = 0): Code {
  return [code(address), i32.load8(offset)];
}

export function store(address: Value, offset: number, value: Value): Code {
  return [code(address), code(value), i32.store(offset)];
}

export function store16(address: Value, offset: number, value: Value): Code {
  return [code(address), code(value), i32.store16(offset)];
}

export function storeByte(address: Value, offset: number, value: Value): Code {
  return [code(address), code(value), i32.store8(offset)];
}

/** Adds to the word at an address. */
export function increase(address: Value, by: Value = 1): Code {
  return store(address, 0, add(load(address), by));
}

/** Adds to a local. */
export function advance(index: number, by: number): Code {
  return set(index, add(get(index), by));
}
