/** The decoding tables of Zstandard: finite state entropy (FSE) and Huffman (RFC 8878, 4.1 and 4.2). */
import { ReverseBits } from './reverse-bits.js';

/** An FSE table: for each state its symbol, the number of bits to read, and the value to add to them. */
export interface FseTable {
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
  readonly base: Uint16Array;
}

/** A Huffman table: for each value of the next `log` bits the symbol and its number of bits. */
export interface HuffmanTable {
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
}

/** Builds a table from the probabilities of its symbols; -1 means "less than one". */
export function buildFse(probabilities: ArrayLike<number>, log: number): FseTable {
  const size = 1 << log;
  const symbols = new Uint8Array(size);
  const next = new Uint16Array(probabilities.length);
  let high = size;
  for (let symbol = 0; symbol < probabilities.length; symbol++) {
    const probability = probabilities[symbol]!;
    if (probability === -1) symbols[--high] = symbol;
    next[symbol] = Math.abs(probability);
  }
  const step = (size >> 1) + (size >> 3) + 3;
  let position = 0;
  for (let symbol = 0; symbol < probabilities.length; symbol++) {
    for (let i = 0; i < probabilities[symbol]!; i++) {
      symbols[position] = symbol;
      do position = (position + step) & (size - 1);
      while (position >= high);
    }
  }
  const bits = new Uint8Array(size);
  const base = new Uint16Array(size);
  for (let state = 0; state < size; state++) {
    const count = next[symbols[state]!]!++;
    bits[state] = log - (31 - Math.clz32(count));
    base[state] = (count << bits[state]!) - size;
  }
  return { log, symbols, bits, base };
}

/** Returns the table of a single symbol. */
export function singleFse(symbol: number): FseTable {
  return { log: 0, symbols: Uint8Array.of(symbol), bits: Uint8Array.of(0), base: Uint16Array.of(0) };
}

/**
 * Reads the description of a table, which is written forwards.
 *
 * @returns the table and the position after it, or null if it is invalid
 */
export function readFse(
  bytes: Uint8Array,
  start: number,
  end: number,
  maxLog: number,
  maxSymbol: number,
): { readonly table: FseTable; readonly position: number } | null {
  if (start >= end) return null;
  const log = (bytes[start]! & 15) + 5;
  if (log > maxLog) return null;
  let bit = start * 8 + 4;
  const take = (bits: number): number => {
    const at = bit >> 3;
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    bit += bits;
    return (word >>> ((bit - bits) & 7)) & ((1 << bits) - 1);
  };
  const probabilities: number[] = [];
  let left = 1 << log;
  while (left > 0 && bit < end * 8 && probabilities.length <= maxSymbol) {
    // Values from 0 to left + 1; the lower ones have one bit less.
    const bits = 32 - Math.clz32(left + 1);
    const low = (1 << bits) - 1 - (left + 1);
    let value = take(bits - 1);
    if (value >= low) {
      value |= take(1) << (bits - 1);
      if (value >= 1 << (bits - 1)) value -= low;
    }
    const probability = value - 1;
    probabilities.push(probability);
    left -= Math.abs(probability);
    // A zero is followed by the number of further zeros, in steps of up to three.
    for (let more = probability === 0 ? 3 : 0; more === 3; ) {
      more = take(2);
      for (let i = 0; i < more; i++) probabilities.push(0);
      if (bit > end * 8 || probabilities.length > maxSymbol + 1) return null;
    }
  }
  const position = (bit + 7) >> 3;
  if (left !== 0 || position > end || probabilities.length > maxSymbol + 1) return null;
  return { table: buildFse(probabilities, log), position };
}

/** Maximum code length of a Huffman table. */
const HUFFMAN_LOG = 11;

/**
 * Reads the description of a Huffman table: the weight of each symbol but the last, as half bytes or FSE-coded.
 *
 * @returns the table and the position after it, or null if it is invalid
 */
export function readHuffman(
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly table: HuffmanTable; readonly position: number } | null {
  if (start >= end) return null;
  const head = bytes[start]!;
  const from = start + 1;
  const position = from + (head < 128 ? head : (head - 126) >> 1);
  if (position > end) return null;
  const weights = head < 128 ? codedWeights(bytes, from, position) : plainWeights(bytes, from, head - 127);
  const table = weights === null ? null : buildHuffman(weights);
  return table === null ? null : { table, position };
}

function plainWeights(bytes: Uint8Array, start: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const pair = bytes[start + (i >> 1)]!;
    return (i & 1) === 0 ? pair >> 4 : pair & 15;
  });
}

/** Decodes weights with two states that alternate until the stream is exhausted. */
function codedWeights(bytes: Uint8Array, start: number, end: number): number[] | null {
  const read = readFse(bytes, start, end, 6, 15);
  if (read === null) return null;
  const { table } = read;
  const stream = new ReverseBits(bytes, read.position, end);
  const states = [stream.read(table.log), stream.read(table.log)];
  if (stream.left < 0) return null;
  const weights: number[] = [];
  for (let turn = 0; ; turn ^= 1) {
    if (weights.length > 253) return null;
    const state = states[turn]!;
    weights.push(table.symbols[state]!);
    states[turn] = table.base[state]! + stream.read(table.bits[state]!);
    if (stream.left < 0) {
      weights.push(table.symbols[states[turn ^ 1]!]!);
      return weights;
    }
  }
}

/**
 * Assigns codes by weight: a symbol of weight w has `log + 1 - w` bits; the weight of the last symbol completes the
 * sum.
 */
function buildHuffman(weights: number[]): HuffmanTable | null {
  let sum = 0;
  for (const weight of weights) {
    if (weight > HUFFMAN_LOG) return null;
    if (weight > 0) sum += 1 << (weight - 1);
  }
  const log = 32 - Math.clz32(sum);
  const rest = (1 << log) - sum;
  if (sum === 0 || log > HUFFMAN_LOG || (rest & (rest - 1)) !== 0) return null;
  const all = [...weights, 32 - Math.clz32(rest)];
  const symbols = new Uint8Array(1 << log);
  const bits = new Uint8Array(1 << log);
  let at = 0;
  for (let weight = 1; weight <= log; weight++) {
    all.forEach((other, symbol) => {
      if (other !== weight) return;
      const to = at + (1 << (weight - 1));
      symbols.fill(symbol, at, to);
      bits.fill(log + 1 - weight, at, to);
      at = to;
    });
  }
  return at === 1 << log ? { log, symbols, bits } : null;
}
