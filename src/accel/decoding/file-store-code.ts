import {
  block,
  branchIf,
  bulk,
  type Code,
  call,
  I32,
  i32,
  i64,
  leave,
  repeat,
  type WasmFunction,
  when,
} from '../wasm/assembler.js';
import {
  add,
  advance,
  and,
  get,
  increase,
  less,
  load,
  load64,
  multiply,
  not,
  notLess,
  set,
  shiftRight,
  store,
  store64,
  subtract,
} from '../wasm/expressions.js';
import {
  ANNOUNCED,
  CONTROL,
  type FileStore,
  MAX_STORED,
  STORE_HASH_SLOT_BYTES,
  STORE_HASH_SLOTS,
  STORED,
} from './file-store.js';
import { FUNCTION } from './functions.js';

/**
 * Maximum number of slots probed for a file: sufficient if the table is half full, and a limit for files that were made
 * to collide.
 */
const PROBES = 32;

/**
 * Returns the function that stores the file described in `ANNOUNCED`, unless it is stored already. The function returns
 * the file's address, or 0 if there is no space.
 */
export function keepFileFunction({ announcedAt, controlAt, hashSlotsAt }: FileStore): WasmFunction {
  const [at, size, hash, slot, known, probes, offset, container] = [0, 1, 2, 3, 4, 5, 6, 7];
  const announced = (part: number): Code => load(announcedAt + part);
  const put = (offset: number, part: number): Code => store(get(at), offset, announced(part));
  const control = (part: number): Code => load(controlAt + part);
  const noRoom = [store(controlAt, CONTROL.isFull, 1), i32.const(0), leave];
  const copy64 = (offset: number): Code =>
    store64(get(at), STORED.oid + offset, load64(announced(ANNOUNCED.oidAt), offset));
  const copyText = (to: Code, from: number, bytes: Code): Code => [to, announced(from), bytes, bulk.copy];
  const pathAt = add(get(at), STORED.texts);
  const isSame = [
    set(offset, 0),
    block(
      repeat([
        [load64(add(get(known), get(offset))), load64(add(get(at), get(offset))), i64.ne, branchIf(1)],
        advance(offset, 8),
        [less(get(offset), get(size)), branchIf(0)],
        [get(known), leave],
      ]),
    ),
  ];
  const body = [
    [not(announced(ANNOUNCED.oidAt)), when([i32.const(0), leave])],
    set(at, control(CONTROL.end)),
    // A missing container has the length -1.
    set(container, announced(ANNOUNCED.containerBytes)),
    set(container, add(get(container), shiftRight(get(container), 31))),
    set(size, and(add(add(announced(ANNOUNCED.pathBytes), get(container)), STORED.texts + 7), -8)),
    [less(control(CONTROL.limit), add(get(at), get(size))), when(noRoom)],
    store64(subtract(add(get(at), get(size)), 8), 0, i64.const(0n)),
    put(STORED.pathBytes, ANNOUNCED.pathBytes),
    put(STORED.containerBytes, ANNOUNCED.containerBytes),
    put(STORED.state, ANNOUNCED.state),
    put(STORED.resourceType, ANNOUNCED.resourceType),
    [copy64(0), copy64(8), store(get(at), STORED.oid + 16, load(announced(ANNOUNCED.oidAt), 16))],
    copyText(pathAt, ANNOUNCED.pathAt, announced(ANNOUNCED.pathBytes)),
    copyText(add(pathAt, announced(ANNOUNCED.pathBytes)), ANNOUNCED.containerAt, get(container)),
    set(hash, [get(at), add(get(at), get(size)), call(FUNCTION.hash)]),
    set(probes, PROBES),
    repeat([
      set(slot, multiply(and(get(hash), STORE_HASH_SLOTS - 1), STORE_HASH_SLOT_BYTES)),
      set(known, load(get(slot), hashSlotsAt)),
      not(get(known)),
      when([
        [notLess(control(CONTROL.count), MAX_STORED), when(noRoom)],
        store(get(slot), hashSlotsAt, get(at)),
        store(controlAt, CONTROL.end, add(get(at), get(size))),
        increase(controlAt + CONTROL.count),
        [get(at), leave],
      ]),
      isSame,
      advance(hash, 1),
      advance(probes, -1),
      [get(probes), branchIf(0)],
    ]),
    i32.const(0),
  ];
  return { parameters: [], results: [I32], locals: [I32, I32, I32, I32, I32, I32, I32, I32], body, exported: null };
}
