/** Measures the speed of the disk. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';

/** Size of the writes of the `file` transport, bytes. */
export const PIECE_BYTES: number = 1 << 20;

/** Waits until the disk has completed the writes of the previous run, so that they do not slow down the next program. */
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
