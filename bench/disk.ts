/** How fast the disk is by itself. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';

/** The size of the writes of our `file` transport. */
export const PIECE_BYTES: number = 1 << 20;

/** Waits until the disk has done what the run before left to it, so that no program pays for another. */
export function settleDisk(): void {
  spawnSync('sync');
}

/** Writes this many bytes to a file with `dd`, and removes it; returns the wall seconds. */
export function timeWriting(path: string, bytes: number): number {
  settleDisk();
  const blocks = Math.ceil(bytes / PIECE_BYTES);
  const start = performance.now();
  const { status, stderr } = spawnSync('dd', ['if=/dev/zero', `of=${path}`, `bs=${PIECE_BYTES}`, `count=${blocks}`]);
  const seconds = (performance.now() - start) / 1000;
  rmSync(path, { force: true });
  if (status !== 0) throw new Error(`dd: ${stderr}`);
  return seconds;
}
