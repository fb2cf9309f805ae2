/** Functions that write IPv4 addresses, and numbers in decimal, like `sysflow/int64.ts`. */

import {
  type Code,
  call,
  I32,
  I64,
  i32,
  i64,
  leave,
  local,
  type ValueType,
  type WasmFunction,
  when,
} from '../wasm/assembler.js';
import {
  add,
  and,
  divide,
  get,
  less,
  load,
  load64,
  multiply,
  set,
  shiftRight,
  store,
  store16,
  store64,
  storeByte,
  subtract,
} from '../wasm/expressions.js';
import type { StreamMemory } from '../wasm/memory.js';

/** Indices of the functions. Each takes an address and a value, writes the value, and returns the address after it. */
export const DECIMAL = {
  /** A number below 1,000; overwrites up to three bytes after it. */
  head: 0,
  /** A number below 10^9; the same. */
  small: 1,
  /** An unsigned and a signed 64-bit number. */
  unsigned: 2,
  long: 3,
  /** A signed 32-bit number. */
  int: 4,
  /** An IPv4 address, the first octet in the lowest byte. */
  ipv4: 5,
} as const;
export const DECIMAL_FUNCTIONS = 6;

/** The tables in a stream's memory that the functions use. */
export interface DecimalTables {
  /** The digits of each number below 1,000 with leading zeros, one word each. */
  readonly threeDigitsAt: number;
  /** The billions of the last number: a long, their digits (16 bytes), and the number of digits. */
  readonly billionsAt: number;
}

const DIGITS = 8;
const DIGIT_COUNT = 24;
const BILLION = 1_000_000_000;
const BILLION64 = i64.const(1_000_000_000n);

/** Creates the tables in a stream's memory. */
export function makeDecimalTables(memory: StreamMemory): DecimalTables {
  const threeDigitsAt = memory.allocate(4000);
  const words = memory.wordsAt(threeDigitsAt, 1000);
  for (let i = 0; i < 1000; i++) {
    words[i] = (48 + Math.floor(i / 100)) | ((48 + (Math.floor(i / 10) % 10)) << 8) | ((48 + (i % 10)) << 16);
  }
  const billionsAt = memory.allocate(32);
  // No quotient has this value.
  memory.wordsAt(billionsAt, 2).fill(-1);
  return { threeDigitsAt, billionsAt };
}

// The parameters and locals.
const [AT, VALUE, A, B, C] = [0, 1, 2, 3, 4];

/** Returns the functions in the order of {@link DECIMAL}. */
export function decimalFunctions(tables: DecimalTables): WasmFunction[] {
  const three = (value: Code): Code => load(multiply(value, 4), tables.threeDigitsAt);
  return [
    headFunction(three),
    smallFunction(three),
    unsignedFunction(tables, three),
    longFunction(),
    intFunction(),
    ipv4Function(),
  ];
}

function writer(value: ValueType, locals: readonly ValueType[], body: Code): WasmFunction {
  return { parameters: [I32, value], results: [I32], locals, body, exported: null };
}

/** Returns with an address. */
function give(address: Code): Code {
  return [address, leave];
}

function headFunction(three: (value: Code) => Code): WasmFunction {
  return writer(
    I32,
    [],
    [
      less(99, get(VALUE)),
      when([store(get(AT), 0, three(get(VALUE))), give(add(get(AT), 3))]),
      less(9, get(VALUE)),
      when([store16(get(AT), 0, shiftRight(three(get(VALUE)), 8)), give(add(get(AT), 2))]),
      storeByte(get(AT), 0, add(get(VALUE), 48)),
      add(get(AT), 1),
    ],
  );
}

/** Writes the value of a local in three digits, at an offset from the address in another. */
function threeMore(three: (value: Code) => Code, at: number, offset: number, value: Code): Code {
  return store(get(at), offset, three(value));
}

function smallFunction(three: (value: Code) => Code): WasmFunction {
  const [thousands, millions, rest] = [A, B, C];
  return writer(
    I32,
    [I32, I32, I32],
    [
      less(get(VALUE), 1000),
      when([get(AT), get(VALUE), call(DECIMAL.head), leave]),
      set(thousands, divide(get(VALUE), 1000)),
      set(rest, subtract(get(VALUE), multiply(get(thousands), 1000))),
      less(get(thousands), 1000),
      when([
        [get(AT), get(thousands), call(DECIMAL.head), local.set(AT)],
        threeMore(three, AT, 0, get(rest)),
        give(add(get(AT), 3)),
      ]),
      set(millions, divide(get(thousands), 1000)),
      [get(AT), get(millions), call(DECIMAL.head), local.set(AT)],
      threeMore(three, AT, 0, subtract(get(thousands), multiply(get(millions), 1000))),
      threeMore(three, AT, 3, get(rest)),
      add(get(AT), 6),
    ],
  );
}

/** Writes the value of a local, below 10^9, in nine digits; overwrites one byte after it. */
function nine(three: (value: Code) => Code, at: number, value: number, thousands: number, millions: number): Code {
  return [
    set(thousands, divide(get(value), 1000)),
    set(millions, divide(get(thousands), 1000)),
    threeMore(three, at, 0, get(millions)),
    threeMore(three, at, 3, subtract(get(thousands), multiply(get(millions), 1000))),
    threeMore(three, at, 6, subtract(get(value), multiply(get(thousands), 1000))),
  ];
}

function unsignedFunction({ billionsAt }: DecimalTables, three: (value: Code) => Code): WasmFunction {
  const [billions, top, rest, thousands, millions, end] = [2, 3, 4, 5, 6, 7];
  const digitsAt = billionsAt + DIGITS;
  const remainder = (value: number, quotient: number): Code => [
    [get(value), get(quotient), BILLION64, i64.mul, i64.sub, i32.wrap, local.set(rest)],
  ];
  const isSmall = (value: number): Code => [get(value), BILLION64, i64.ltU];
  const renderBillions = [
    store64(billionsAt, 0, get(billions)),
    isSmall(billions),
    when(
      [i32.const(digitsAt), get(billions), i32.wrap, call(DECIMAL.small), local.set(end)],
      [
        [get(billions), BILLION64, i64.divU, local.set(top)],
        [i32.const(digitsAt), get(top), i32.wrap, call(DECIMAL.small), local.set(end)],
        remainder(billions, top),
        nine(three, end, rest, thousands, millions),
        set(end, add(get(end), 9)),
      ],
    ),
    store(billionsAt, DIGIT_COUNT, subtract(get(end), digitsAt)),
  ];
  return writer(
    I64,
    [I64, I64, I32, I32, I32, I32],
    [
      isSmall(VALUE),
      when([get(AT), get(VALUE), i32.wrap, call(DECIMAL.small), leave]),
      [get(VALUE), BILLION64, i64.divU, local.set(billions)],
      [load64(billionsAt), get(billions), i64.ne, when(renderBillions)],
      store64(get(AT), 0, load64(digitsAt)),
      store(get(AT), 8, load(digitsAt, 8)),
      set(AT, add(get(AT), load(billionsAt, DIGIT_COUNT))),
      remainder(VALUE, billions),
      nine(three, AT, rest, thousands, millions),
      add(get(AT), 9),
    ],
  );
}

function longFunction(): WasmFunction {
  return writer(
    I64,
    [],
    [
      [get(VALUE), i64.const(0n), i64.ltS],
      when([
        storeByte(get(AT), 0, 45),
        [add(get(AT), 1), i64.const(0n), get(VALUE), i64.sub, call(DECIMAL.unsigned), leave],
      ]),
      [get(AT), get(VALUE), call(DECIMAL.unsigned)],
    ],
  );
}

function intFunction(): WasmFunction {
  return writer(
    I32,
    [],
    [
      less(get(VALUE), BILLION),
      when([get(AT), get(VALUE), call(DECIMAL.small), leave]),
      [get(AT), get(VALUE), i64.extendS, call(DECIMAL.long)],
    ],
  );
}

function ipv4Function(): WasmFunction {
  const octet = (number: number): Code => and(shiftRight(get(VALUE), number * 8), 255);
  return writer(
    I32,
    [],
    [0, 1, 2, 3].map((number) => [
      [get(AT), octet(number), call(DECIMAL.head)],
      number === 3 ? [] : [local.set(AT), storeByte(get(AT), 0, 46), set(AT, add(get(AT), 1))],
    ]),
  );
}
