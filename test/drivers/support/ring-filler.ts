/** A thread that fills a ring: tells of each block where it lies, and its number. */
import { parentPort, workerData } from 'node:worker_threads';
import { BlockRing, type RingData } from '../../../src/drivers/block-ring.js';
import { fillBlock, lengthOf } from './ring-blocks.js';

export interface FillerData {
  readonly ring: RingData;
  readonly blocks: number;
  /** How long blocks are; null: each as its number says, and with bytes of its own. */
  readonly length: number | null;
}

/** A block in the ring. */
export interface PlacedBlock {
  readonly number: number;
  readonly at: number;
  readonly length: number;
  readonly position: number;
}

const { ring: data, blocks, length } = workerData as FillerData;
const ring = new BlockRing(data);
const same = new Uint8Array(length ?? 0);
for (let number = 0; number < blocks; number++) {
  const block = length === null ? fillBlock(new Uint8Array(lengthOf(number, data.bytes / 4)), number) : same;
  const { at, position } = ring.put(block)!;
  parentPort!.postMessage({ number, at, length: block.length, position } satisfies PlacedBlock);
}
