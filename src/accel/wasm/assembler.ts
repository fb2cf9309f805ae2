/**
 * Assembles WebAssembly modules. Supports only the instructions that are needed here (WebAssembly core specification,
 * chapter 5).
 */
import { MEMORY_PAGES } from './memory.js';

/**
 * Instructions as nested lists of bytes. They are flattened once at the end, since joining them at every step would
 * cost much more.
 */
export type Code = readonly (number | Code)[];

/** A value type: `i32` or `i64`. */
export const I32 = 0x7f;
export const I64 = 0x7e;
export type ValueType = typeof I32 | typeof I64;

/** A function of a module. Its index is its position in the list of functions. */
export interface WasmFunction {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
  /** Locals other than the parameters; their indices follow those of the parameters. */
  readonly locals: readonly ValueType[];
  readonly body: Code;
  /** The name of the export; null if it is not exported. */
  readonly exported: string | null;
}

/** Encodes an unsigned integer in LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  return [...bytes, rest];
}

/** Encodes a signed 32-bit integer in LEB128. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    const low = rest & 127;
    if (rest >> 6 === 0 || rest >> 6 === -1) return [...bytes, low];
    bytes.push(low | 128);
  }
}

/** Encodes a signed 64-bit integer in LEB128. */
function signed64(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    const low = Number(rest & 127n);
    if (rest >> 6n === 0n || rest >> 6n === -1n) return [...bytes, low];
    bytes.push(low | 128);
  }
}

const VOID = 0x40;

/** Reads or writes memory at an address plus a constant offset. */
export type Access = (offset?: number) => Code;

const UNALIGNED = 0;

function access(opcode: number): Access {
  return (offset = 0) => [opcode, UNALIGNED, ...unsigned(offset)];
}

export const local = {
  get: (index: number): Code => [0x20, ...unsigned(index)],
  set: (index: number): Code => [0x21, ...unsigned(index)],
  tee: (index: number): Code => [0x22, ...unsigned(index)],
};

/** Global 0, the only one, a variable of type `i32`. */
export const global: { readonly get: Code; readonly set: Code } = { get: [0x23, 0], set: [0x24, 0] };

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value | 0)],
  load: access(0x28) as Access,
  load8: access(0x2d) as Access,
  store: access(0x36) as Access,
  store8: access(0x3a) as Access,
  store16: access(0x3b) as Access,
  eq: [0x46] as Code,
  eqz: [0x45] as Code,
  ne: [0x47] as Code,
  ltS: [0x48] as Code,
  ltU: [0x49] as Code,
  gtU: [0x4b] as Code,
  geU: [0x4f] as Code,
  add: [0x6a] as Code,
  sub: [0x6b] as Code,
  mul: [0x6c] as Code,
  divU: [0x6e] as Code,
  and: [0x71] as Code,
  or: [0x72] as Code,
  xor: [0x73] as Code,
  shl: [0x74] as Code,
  shrU: [0x76] as Code,
  rotl: [0x77] as Code,
  rotr: [0x78] as Code,
  /** The low half of an `i64`. */
  wrap: [0xa7] as Code,
};

export const i64 = {
  const: (value: bigint): Code => [0x42, ...signed64(BigInt.asIntN(64, value))],
  load: access(0x29) as Access,
  load8: access(0x31) as Access,
  store: access(0x37) as Access,
  /** Number of trailing zero bits. */
  ctz: [0x7a] as Code,
  eqz: [0x50] as Code,
  eq: [0x51] as Code,
  ne: [0x52] as Code,
  ltS: [0x53] as Code,
  ltU: [0x54] as Code,
  add: [0x7c] as Code,
  sub: [0x7d] as Code,
  mul: [0x7e] as Code,
  divU: [0x80] as Code,
  and: [0x83] as Code,
  or: [0x84] as Code,
  xor: [0x85] as Code,
  shl: [0x86] as Code,
  shrU: [0x88] as Code,
  /** Sign- or zero-extends an `i32`. */
  extendS: [0xac] as Code,
  extendU: [0xad] as Code,
};

/** Copies or fills memory. Operands on the stack: an address, an address or a byte, and a length. */
export const bulk: { readonly copy: Code; readonly fill: Code } = {
  copy: [0xfc, 10, 0, 0],
  fill: [0xfc, 11, 0],
};

export const drop: Code = [0x1a];
export const leave: Code = [0x0f];

export function call(index: number): Code {
  return [0x10, ...unsigned(index)];
}

/** Runs one of two instruction sequences, depending on the `i32` on the stack. */
export function when(then: Code, otherwise: Code = []): Code {
  return [0x04, VOID, then, otherwise.length === 0 ? [] : [0x05, otherwise], 0x0b];
}

/** Code that `branch` leaves, or restarts in a `repeat`. */
export function block(body: Code): Code {
  return [0x02, VOID, body, 0x0b];
}

export function repeat(body: Code): Code {
  return [0x03, VOID, body, 0x0b];
}

/**
 * Jumps to the end of a block, or to the start of a `repeat`; `depth` counts the enclosing ones, 0 being the innermost.
 */
export function branch(depth: number): Code {
  return [0x0c, ...unsigned(depth)];
}

/** Like `branch`, depending on the `i32` on the stack. */
export function branchIf(depth: number): Code {
  return [0x0d, ...unsigned(depth)];
}

/** Flattens code to bytes. */
function bytesOf(code: Code): number[] {
  const bytes: number[] = [];
  append(code, bytes);
  return bytes;
}

function append(code: Code, bytes: number[]): void {
  // Without an iterator, since this runs at start-up, before V8 has optimized it.
  for (let i = 0; i < code.length; i++) {
    const piece = code[i]!;
    if (typeof piece === 'number') bytes.push(piece);
    else append(piece, bytes);
  }
}

/** Code preceded by its length in bytes. */
function sized(code: Code): Code {
  const bytes = bytesOf(code);
  return [unsigned(bytes.length), bytes];
}

function section(id: number, content: Code): Code {
  return [id, sized(content)];
}

function vector(items: Code): Code {
  return [unsigned(items.length), items];
}

function name(text: string): Code {
  return vector([...text].map((letter) => letter.charCodeAt(0)));
}

const WITH_MAXIMUM = 1;

/**
 * Assembles a module that imports a memory as `host.memory` (see `StreamMemory`) and has one global, an `i32` variable.
 */
export function assemble(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters, results }) => [0x60, vector(parameters), vector(results)]);
  const bodies = functions.map(({ locals, body }) => sized([vector(locals.map((type) => [1, type])), body, 0x0b]));
  const exported = functions.flatMap((one, index) =>
    one.exported === null ? [] : [[name(one.exported), 0, unsigned(index)]],
  );
  const imported = [name('host'), name('memory'), 2, WITH_MAXIMUM, unsigned(MEMORY_PAGES), unsigned(MEMORY_PAGES)];
  const module = [
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, vector(types)),
    section(2, vector([imported])),
    section(3, vector(functions.map((_, index) => unsigned(index)))),
    section(6, vector([[I32, 1, i32.const(0), 0x0b]])),
    section(7, vector(exported)),
    section(10, vector(bodies)),
  ];
  return Uint8Array.from(bytesOf(module));
}
