/**
 * Functions of the entity cache, which recognizes entities by their bytes. An entity can occupy one of two adjacent
 * hash slots.
 */
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
import { CACHE_BYTES, type DecoderMemory, HASH_SLOT_BYTES, HASH_SLOTS } from './decoder-memory.js';
import { FUNCTION } from './functions.js';

/** Records of other lengths are not cached: the hash needs eight bytes, and long records are rarely repeated. */
const CACHED_LENGTHS = { least: 8, most: 1 << 10 };

// Fields of a hash slot.
const [ENTRY_HASH, ENTRY_LENGTH, ENTRY_SCHEMA, ENTRY_ADDRESS] = [0, 4, 8, 12];

/** Hashes the bytes between two addresses, eight at a time. */
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
    // The last eight bytes may overlap the previous ones.
    mix(local.get(last)),
    [local.get(hash), i32.wrap],
  ];
  return { parameters: [I32, I32], results: [I32], locals: [I64, I32], body, exported: null };
}

/**
 * The common start of `find` and `add`: computes length, hash and slot address; returns 0 for lengths that are not
 * cached.
 */
function slotOfHash({ hashSlotsAt }: DecoderMemory, locals: { length: number; hash: number; slot: number }): Code {
  const { length, hash, slot } = locals;
  const index = [local.get(hash), i32.const(HASH_SLOTS - 1), i32.and];
  return [
    [local.get(1), local.get(0), i32.sub, local.tee(length)],
    [i32.const(CACHED_LENGTHS.least), i32.ltU],
    [local.get(length), i32.const(CACHED_LENGTHS.most), i32.gtU, i32.or],
    when([i32.const(0), leave]),
    [local.get(0), local.get(1), call(FUNCTION.hash), local.set(hash)],
    [index, i32.const(HASH_SLOT_BYTES), i32.mul, i32.const(hashSlotsAt), i32.add, local.set(slot)],
  ];
}

/** The address of the adjacent slot. */
function neighbour(slot: number): Code {
  return [local.get(slot), i32.const(HASH_SLOT_BYTES), i32.xor];
}

/** The number of a slot, from its address. */
function slotNumber({ hashSlotsAt }: DecoderMemory, slot: number): Code {
  return [local.get(slot), i32.const(hashSlotsAt - HASH_SLOT_BYTES), i32.sub, i32.const(HASH_SLOT_BYTES), i32.divU];
}

/** See `WasmBatchDecoder.find`. */
export function findFunction(memory: DecoderMemory, schema: number): WasmFunction {
  const [start, end, length, hash, slot, cached] = [0, 1, 2, 3, 4, 5];
  const unlessEqual = (offset: number, value: Code): Code => [
    [local.get(slot), i32.load(offset), value, i32.ne],
    when([i32.const(0), leave]),
  ];
  const differ = (a: Code, b: Code): Code => [[a, i64.load(), b, i64.load(), i64.ne], when([i32.const(0), leave])];
  const last = (from: number): Code => [local.get(from), local.get(length), i32.add, i32.const(8), i32.sub];
  const next = (from: number): Code => [local.get(from), i32.const(8), i32.add, local.set(from)];
  const body = [
    slotOfHash(memory, { length, hash, slot }),
    [local.get(slot), i32.load(ENTRY_HASH), local.get(hash), i32.ne],
    when([neighbour(slot), local.set(slot)]),
    unlessEqual(ENTRY_HASH, local.get(hash)),
    unlessEqual(ENTRY_LENGTH, local.get(length)),
    unlessEqual(ENTRY_SCHEMA, i32.const(schema)),
    [local.get(slot), i32.load(ENTRY_ADDRESS), local.set(cached)],
    differ(last(start), last(cached)),
    [local.get(end), i32.const(8), i32.sub, local.set(end)],
    block(
      repeat([
        [local.get(start), local.get(end), i32.geU, branchIf(1)],
        differ(local.get(start), local.get(cached)),
        [next(start), next(cached), branch(0)],
      ]),
    ),
    slotNumber(memory, slot),
  ];
  return { parameters: [I32, I32], results: [I32], locals: [I32, I32, I32, I32], body, exported: 'find' };
}

/** See `WasmBatchDecoder.cacheEntity`. */
export function addFunction(memory: DecoderMemory, schema: number): WasmFunction {
  const { cacheEndAt, cachedBytesAt, hashSlotsAt } = memory;
  const [start, length, hash, slot, at] = [0, 2, 3, 4, 5];
  const store = (offset: number, value: Code): Code => [local.get(slot), value, i32.store(offset)];
  const endAt = [local.get(at), local.get(length), i32.add];
  const clearCache = [
    [i32.const(hashSlotsAt), i32.const(0), i32.const(HASH_SLOTS * HASH_SLOT_BYTES), bulk.fill],
    [i32.const(cachedBytesAt), local.set(at)],
  ];
  // If the first slot is occupied and the second is not, use the second. If both are, the hash selects one.
  const isTaken = [i32.load(ENTRY_ADDRESS), i32.const(0), i32.ne];
  const second = [neighbour(slot), local.set(slot)];
  const chooseSecond = [
    [neighbour(slot), isTaken],
    when([local.get(hash), i32.const(0), i32.ltS, when(second)], second),
  ];
  const body = [
    slotOfHash(memory, { length, hash, slot }),
    [local.get(slot), isTaken, when(chooseSecond)],
    [i32.const(cacheEndAt), i32.load(), local.set(at)],
    [endAt, i32.const(cachedBytesAt + CACHE_BYTES), i32.gtU, when(clearCache)],
    [local.get(at), local.get(start), local.get(length), bulk.copy],
    store(ENTRY_HASH, local.get(hash)),
    store(ENTRY_LENGTH, local.get(length)),
    store(ENTRY_SCHEMA, i32.const(schema)),
    store(ENTRY_ADDRESS, local.get(at)),
    [i32.const(cacheEndAt), endAt, i32.store()],
    slotNumber(memory, slot),
  ];
  return { parameters: [I32, I32], results: [I32], locals: [I32, I32, I32, I32], body, exported: 'add' };
}
