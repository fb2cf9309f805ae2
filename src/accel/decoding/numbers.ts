/** Functions that read a value and advance the position. An invalid value sets the position to `fault`. */
import {
  block,
  branchIf,
  type Code,
  call,
  drop,
  global,
  I32,
  I64,
  i32,
  i64,
  leave,
  local,
  repeat,
  type WasmFunction,
  when,
} from '../wasm/assembler.js';
import { FUNCTION } from './functions.js';

/** Decodes the zigzag value in a local. */
function unzigzag(value: number): Code {
  const sign = [i64.const(0n), local.get(value), i64.const(1n), i64.and, i64.sub];
  return [local.get(value), i64.const(1n), i64.shrU, sign, i64.xor];
}

/** Reads an integer of any length as 64 bits. */
export function longFunction(fault: number): WasmFunction {
  const [at, byte, value, shift] = [0, 1, 2, 3];
  const fail = [i32.const(fault), global.set, i64.const(0n), leave];
  const groups = repeat([
    [local.get(value), local.get(at), i64.load8(), i64.const(127n), i64.and],
    [local.get(shift), i64.shl, i64.or, local.set(value)],
    [local.get(at), i32.load8(), local.set(byte)],
    [local.get(at), i32.const(1), i32.add, local.set(at)],
    [local.get(byte), i32.const(128), i32.ltU, branchIf(1)],
    [local.get(shift), i64.const(7n), i64.add, local.tee(shift)],
    [i64.const(70n), i64.ltU, branchIf(0), fail],
  ]);
  // Nine groups of 7 bits leave one bit for the tenth.
  const tooLong = [
    [local.get(shift), i64.const(63n), i64.eq],
    [local.get(byte), i32.const(1), i32.gtU, i32.and],
  ];
  const body = [
    [global.get, local.set(at)],
    block(groups),
    [tooLong, when(fail)],
    [local.get(at), global.set],
    unzigzag(value),
  ];
  return { parameters: [], results: [I64], locals: [I32, I32, I64, I64], body, exported: null };
}

/** Reads a 32-bit integer. */
export function intFunction(fault: number): WasmFunction {
  const value = 0;
  const low = [local.get(value), i32.wrap];
  const body = [
    [call(FUNCTION.long), local.set(value)],
    [low, i64.extendS, local.get(value), i64.ne],
    when([i32.const(fault), global.set]),
    low,
  ];
  return { parameters: [], results: [I32], locals: [I64], body, exported: null };
}

/** The high bits of eight bytes, which are set if another byte follows. */
const CONTINUED = 0x8080808080808080n;

/** Joins the 7-bit groups in a local: first two, then four, then eight groups, as in `varint.ts`. */
function folded(value: number): Code {
  const mask = (bits: bigint): Code => [local.get(value), i64.const(bits), i64.and];
  const fold = (low: bigint, high: bigint, by: bigint): Code => [
    mask(low),
    [mask(high), i64.const(by), i64.shrU, i64.or, local.set(value)],
  ];
  return [
    fold(0x007f007f007f007fn, 0x7f007f007f007f00n, 1n),
    fold(0x00003fff00003fffn, 0x3fff00003fff0000n, 2n),
    fold(0x000000000fffffffn, 0x0fffffff00000000n, 4n),
  ];
}

/** Finds the last of up to eight bytes of a number: a local gets its high bit alone, or 0 if the number is longer. */
function lastOfEight(position: number, value: number, last: number): Code {
  return [
    [local.get(position), i64.load(), local.tee(value)],
    [i64.const(-1n), i64.xor, i64.const(CONTINUED), i64.and, local.set(last)],
  ];
}

/** The position after a number whose last byte is known. */
function behind(position: number, last: number): Code {
  const bits = [local.get(last), i64.ctz, i64.const(3n), i64.shrU, i32.wrap];
  return [bits, local.get(position), i32.add, i32.const(1), i32.add];
}

/** Reads at a position with a function that reads at the global. */
function atGlobal(position: number, read: Code): Code {
  return [local.get(position), global.set, read, global.get];
}

/** Stores a long at an address: up to eight bytes at once, a longer one with `long`. */
export function putLongFunction(): WasmFunction {
  const [position, address, value, last] = [0, 1, 2, 3];
  const upToLast = [local.get(last), local.get(last), i64.const(1n), i64.sub, i64.xor];
  const body = [
    lastOfEight(position, value, last),
    [local.get(last), i64.eqz],
    when([atGlobal(position, [local.get(address), call(FUNCTION.long), i64.store()]), leave]),
    [local.get(value), upToLast, i64.and, local.set(value)],
    folded(value),
    [local.get(address), unzigzag(value), i64.store()],
    behind(position, last),
  ];
  return { parameters: [I32, I32], results: [I32], locals: [I64, I64], body, exported: null };
}

/** Stores a 32-bit integer at an address. */
export function putIntFunction(): WasmFunction {
  const [position, address] = [0, 1];
  const body = atGlobal(position, [local.get(address), call(FUNCTION.int), i32.store()]);
  return { parameters: [I32, I32], results: [I32], locals: [], body, exported: null };
}

/** Stores a long at an address, optimized for 9 bytes. */
export function putTimeFunction(): WasmFunction {
  const [position, address, value] = [0, 1, 2];
  const body = [
    [local.get(position), i64.load(), local.tee(value)],
    [i64.const(CONTINUED), i64.and, i64.const(CONTINUED), i64.ne],
    [local.get(position), i32.load8(8), i32.const(127), i32.gtU, i32.or],
    when([local.get(position), local.get(address), call(FUNCTION.putLong), leave]),
    folded(value),
    [local.get(value), local.get(position), i64.load8(8), i64.const(56n), i64.shl, i64.or],
    local.set(value),
    [local.get(address), unzigzag(value), i64.store()],
    [local.get(position), i32.const(9), i32.add],
  ];
  return { parameters: [I32, I32], results: [I32], locals: [I64], body, exported: null };
}

/** Stores a file's id in five slots, in big-endian order. */
export function putOidFunction(): WasmFunction {
  const [position, address, word] = [0, 1, 2];
  const swapped = [
    [local.get(word), i32.const(8), i32.rotl, i32.const(0x00ff00ff), i32.and],
    [local.get(word), i32.const(8), i32.rotr, i32.const(0xff00ff00), i32.and, i32.or],
  ];
  const words = [0, 4, 8, 12, 16].flatMap((offset) => [
    [local.get(position), i32.load(offset), local.set(word)],
    [local.get(address), swapped, i32.store(offset)],
  ]);
  const body = [words, local.get(position), i32.const(20), i32.add];
  return { parameters: [I32, I32], results: [I32], locals: [I32], body, exported: null };
}

/** Skips a long. */
export function skipLongFunction(): WasmFunction {
  const [position, value, last] = [0, 1, 2];
  const body = [
    lastOfEight(position, value, last),
    [local.get(last), i64.eqz],
    when([atGlobal(position, [call(FUNCTION.long), drop]), leave]),
    behind(position, last),
  ];
  return { parameters: [I32], results: [I32], locals: [I64, I64], body, exported: null };
}

/** Skips a text: its length in bytes, and the bytes. */
export function skipSizedFunction(fault: number): WasmFunction {
  const [position, length] = [0, 1];
  const room = [i32.const(fault), local.get(position), i32.sub, i64.extendU];
  const body = [
    [local.get(position), global.set, call(FUNCTION.long), local.set(length)],
    [global.get, local.set(position)],
    // A length beyond the space of the block is invalid. So is a negative one, which is larger than any other when read
    // as unsigned.
    [local.get(length), room, i64.ltU],
    when([local.get(length), i32.wrap, local.get(position), i32.add, leave]),
    i32.const(fault),
  ];
  return { parameters: [I32], results: [I32], locals: [I64], body, exported: null };
}
