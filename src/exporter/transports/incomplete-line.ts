import { Buffer } from 'node:buffer';
import { promises } from 'node:fs';

const NEWLINE = 10;
const CHUNK_BYTES = 64 << 10;

/**
 * Bytes after the last line end of a file: of a line that a crash or a full disk has cut, since every record is written with
 * its line end. 0 if the file is empty or ends with a line end. Rejects where the file cannot be read.
 *
 * @param size bytes of the file
 */
export async function incompleteLine(path: string, size: number): Promise<number> {
  if (size === 0) return 0;
  const file = await promises.open(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let end = size; end > 0; ) {
      // Nearly always the last byte is a line end.
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
