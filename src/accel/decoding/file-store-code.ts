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
  MOST_STORED,
  STORE_PLACE_BYTES,
  STORE_PLACES,
  STORED,
} from './file-store.js';
import { FUNCTION } from './functions.js';

/** Places looked at for a file: enough at half load, and a bound on what files made to collide can cost. */
const PROBES = 32;

/**
 * The function that puts the file into the store that a reader left in `ANNOUNCED`, unless it is there: gives its address, 0
 * where it has no room.
 */
export function keepFileFunction({ announcedAt, controlAt, placesAt }: FileStore): WasmFunction {
  const [at, size, hash, place, known, probes, offset, container] = [0, 1, 2, 3, 4, 5, 6, 7];
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
    // The length of a container that is not there is -1.
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
      set(place, multiply(and(get(hash), STORE_PLACES - 1), STORE_PLACE_BYTES)),
      set(known, load(get(place), placesAt)),
      not(get(known)),
      when([
        [notLess(control(CONTROL.count), MOST_STORED), when(noRoom)],
        store(get(place), placesAt, get(at)),
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
