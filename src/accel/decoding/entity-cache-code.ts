/** Functions that know entities again by their bytes. Each has one of two neighbouring places, by its hash. */
import {
  block,
  branch,
  branchIf,
  bulk,
  type Code,
  call,
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
import { type DecoderMemory, KNOWN_BYTES, KNOWN_PLACES, PLACE_BYTES } from './decoder-memory.js';
import { FUNCTION } from './functions.js';

/** Records of other lengths are not made known: their hash takes eight bytes, and long ones seldom come twice. */
const KNOWN_LENGTHS = { least: 8, most: 1 << 10 };

// The words of a place.
const [PLACE_HASH, PLACE_LENGTH, PLACE_SCHEMA, PLACE_AT] = [0, 4, 8, 12];

/** The hash of the bytes between two addresses, eight at a time. */
export function hashFunction(): WasmFunction {
  const [start, end, hash, last] = [0, 1, 2, 3];
  const mix = (at: Code): Code => [
    [local.get(hash), at, i64.load(), i64.xor, i64.const(0x9e3779b97f4a7c15n), i64.mul],
    local.tee(hash),
    [local.get(hash), i64.const(32n), i64.shrU, i64.xor, local.set(hash)],
  ];
  const body = [
    [local.get(end), i32.const(8), i32.sub, local.set(last)],
    block(
      repeat([
        [local.get(start), local.get(last), i32.geU, branchIf(1)],
        mix(local.get(start)),
        [local.get(start), i32.const(8), i32.add, local.set(start), branch(0)],
      ]),
    ),
    // Some of the last eight were taken before.
    mix(local.get(last)),
    [local.get(hash), i32.wrap],
  ];
  return { parameters: [I32, I32], results: [I32], locals: [I64, I32], body, exported: null };
}

/** What finding and adding begin with: the length, the hash, and the address of the place; 0 is given for other lengths. */
function placeOfHash({ placesAt }: DecoderMemory, locals: { length: number; hash: number; place: number }): Code {
  const { length, hash, place } = locals;
  const index = [local.get(hash), i32.const(KNOWN_PLACES - 1), i32.and];
  return [
    [local.get(1), local.get(0), i32.sub, local.tee(length)],
    [i32.const(KNOWN_LENGTHS.least), i32.ltU],
    [local.get(length), i32.const(KNOWN_LENGTHS.most), i32.gtU, i32.or],
    when([i32.const(0), leave]),
    [local.get(0), local.get(1), call(FUNCTION.hash), local.set(hash)],
    [index, i32.const(PLACE_BYTES), i32.mul, i32.const(placesAt), i32.add, local.set(place)],
  ];
}

/** The address of the other place. */
function neighbour(place: number): Code {
  return [local.get(place), i32.const(PLACE_BYTES), i32.xor];
}

/** The number of a place by its address. */
function placeNumber({ placesAt }: DecoderMemory, place: number): Code {
  return [local.get(place), i32.const(placesAt - PLACE_BYTES), i32.sub, i32.const(PLACE_BYTES), i32.divU];
}

/** See `WasmBatchDecoder.find`. */
export function findFunction(memory: DecoderMemory, schema: number): WasmFunction {
  const [start, end, length, hash, place, known] = [0, 1, 2, 3, 4, 5];
  const unlessEqual = (offset: number, value: Code): Code => [
    [local.get(place), i32.load(offset), value, i32.ne],
    when([i32.const(0), leave]),
  ];
  const differ = (a: Code, b: Code): Code => [[a, i64.load(), b, i64.load(), i64.ne], when([i32.const(0), leave])];
  const last = (from: number): Code => [local.get(from), local.get(length), i32.add, i32.const(8), i32.sub];
  const next = (from: number): Code => [local.get(from), i32.const(8), i32.add, local.set(from)];
  const body = [
    placeOfHash(memory, { length, hash, place }),
    [local.get(place), i32.load(PLACE_HASH), local.get(hash), i32.ne],
    when([neighbour(place), local.set(place)]),
    unlessEqual(PLACE_HASH, local.get(hash)),
    unlessEqual(PLACE_LENGTH, local.get(length)),
    unlessEqual(PLACE_SCHEMA, i32.const(schema)),
    [local.get(place), i32.load(PLACE_AT), local.set(known)],
    differ(last(start), last(known)),
    [local.get(end), i32.const(8), i32.sub, local.set(end)],
    block(
      repeat([
        [local.get(start), local.get(end), i32.geU, branchIf(1)],
        differ(local.get(start), local.get(known)),
        [next(start), next(known), branch(0)],
      ]),
    ),
    placeNumber(memory, place),
  ];
  return { parameters: [I32, I32], results: [I32], locals: [I32, I32, I32, I32], body, exported: 'find' };
}

/** See `WasmBatchDecoder.learn`. */
export function addFunction(memory: DecoderMemory, schema: number): WasmFunction {
  const { knownEndAt, knownBytesAt, placesAt } = memory;
  const [start, length, hash, place, at] = [0, 2, 3, 4, 5];
  const store = (offset: number, value: Code): Code => [local.get(place), value, i32.store(offset)];
  const endAt = [local.get(at), local.get(length), i32.add];
  const forgetAll = [
    [i32.const(placesAt), i32.const(0), i32.const(KNOWN_PLACES * PLACE_BYTES), bulk.fill],
    [i32.const(knownBytesAt), local.set(at)],
  ];
  // The second place where the first is taken and that one is not; where both are, it is left to the hash.
  const isTaken = [i32.load(PLACE_AT), i32.const(0), i32.ne];
  const second = [neighbour(place), local.set(place)];
  const chooseSecond = [
    [neighbour(place), isTaken],
    when([local.get(hash), i32.const(0), i32.ltS, when(second)], second),
  ];
  const body = [
    placeOfHash(memory, { length, hash, place }),
    [local.get(place), isTaken, when(chooseSecond)],
    [i32.const(knownEndAt), i32.load(), local.set(at)],
    [endAt, i32.const(knownBytesAt + KNOWN_BYTES), i32.gtU, when(forgetAll)],
    [local.get(at), local.get(start), local.get(length), bulk.copy],
    store(PLACE_HASH, local.get(hash)),
    store(PLACE_LENGTH, local.get(length)),
    store(PLACE_SCHEMA, i32.const(schema)),
    store(PLACE_AT, local.get(at)),
    [i32.const(knownEndAt), endAt, i32.store()],
    placeNumber(memory, place),
  ];
  return { parameters: [I32, I32], results: [I32], locals: [I32, I32, I32, I32], body, exported: 'add' };
}
