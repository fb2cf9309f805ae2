/**
 * Decompresses Zstandard files (RFC 8878) block by block: any number of frames, including skippable ones. It keeps 1.5
 * times the window of a frame in memory, since matches refer back to the window.
 */
import type { ByteWindow } from '../byte-source.js';
import { littleEndian } from '../codecs/little-endian.js';
import {
  isSkippable,
  ZSTANDARD_BLOCK_BYTES,
  ZSTANDARD_MAGIC,
  ZstandardFrame,
  ZstandardOutput,
} from '../codecs/zstandard.js';
import { TraceError } from '../errors.js';
import type { UnpackedBytes } from './unpacked-bytes.js';

/** Maximum length of a frame's header after its magic number. */
const HEADER_BYTES = 14;
/** Maximum window size, that of `zstd --long`. Larger windows are rejected, as by `zstd` without further options. */
const MAX_WINDOW_BYTES = 128 << 20;

type Problem = 'ends too early' | 'is broken' | 'is followed by other bytes' | 'needs more than 128 MiB of memory';

/** Decompresses Zstandard data from the start of a window. */
export async function* unpackZstandard(window: ByteWindow, name: string): UnpackedBytes {
  const failed = (problem: Problem): TraceError =>
    window.error ?? new TraceError('compression', `its Zstandard ${problem}`, name);
  const output = new ZstandardOutput(0);
  while (await window.fill(1)) {
    if (!(await window.fill(4))) return failed('is followed by other bytes');
    const magic = littleEndian(window.buffer, window.start, 4);
    if (isSkippable(magic)) {
      if (!(await passSkippable(window))) return failed('ends too early');
      continue;
    }
    if (magic !== ZSTANDARD_MAGIC) return failed('is followed by other bytes');
    window.consume(4);
    await window.fill(HEADER_BYTES);
    const frame = new ZstandardFrame(output);
    const position = frame.readHeader(window.buffer, window.start);
    if (position === null) return failed('is broken');
    if (position > window.end) return failed('ends too early');
    window.consume(position - window.start);
    const { windowBytes } = frame;
    if (windowBytes > MAX_WINDOW_BYTES) return failed('needs more than 128 MiB of memory');
    const kept = windowBytes + Math.max(windowBytes >>> 1, 1 << 20);
    output.maxBytes = kept + ZSTANDARD_BLOCK_BYTES;
    while (!frame.ended) {
      if (!(await window.fill(3))) return failed('ends too early');
      const length = frame.blockBytes(window.buffer, window.start);
      if (length === null) return failed('is broken');
      if (!(await window.fill(length))) return failed('ends too early');
      if (output.length > kept) output.keepLast(windowBytes);
      const before = output.length;
      if (!frame.readBlock(window.buffer, window.start)) return failed('is broken');
      window.consume(length);
      if (output.length > before) yield output.buffer.subarray(before, output.length);
    }
    if (frame.trailerBytes > 0 && !(await window.fill(frame.trailerBytes))) return failed('ends too early');
    window.consume(frame.trailerBytes);
    output.keepLast(0);
  }
  return window.error;
}

/** Skips a skippable frame: its magic number, its size, and its bytes. */
async function passSkippable(window: ByteWindow): Promise<boolean> {
  if (!(await window.fill(8))) return false;
  let left = littleEndian(window.buffer, window.start + 4, 4);
  window.consume(8);
  while (left > 0) {
    if (!(await window.fill(1))) return false;
    const passed = Math.min(left, window.available);
    window.consume(passed);
    left -= passed;
  }
  return true;
}
