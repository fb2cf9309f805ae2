import { Buffer } from 'node:buffer';
import { promises } from 'node:fs';

const NEWLINE = 10;
const CHUNK_BYTES = 64 << 10;

/**
 * Counts the bytes after the last newline of a file. Every record is written with its newline, so they belong to a line that a
 * crash or a full disk has cut. 0 if the file is empty or ends with a newline. Rejects if the file cannot be read.
 *
 * @param size size of the file in bytes
 */
export async function incompleteLine(path: string, size: number): Promise<number> {
  if (size === 0) return 0;
  const file = await promises.open(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let end = size; end > 0; ) {
      // For nearly all files, the last byte shows that the last line is complete.
      const length = end === size ? 1 : Math.min(end, chunk.length);
      const { bytesRead } = await file.read(chunk, 0, length, end - length);
      const last = chunk.subarray(0, bytesRead).lastIndexOf(NEWLINE);
      if (last !== -1) return size - (end - length + last + 1);
      end -= length;
    }
    return size;
  } finally {
    await file.close();
  }
}
