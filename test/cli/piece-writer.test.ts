import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceWriter } from '../../src/cli/piece-writer.js';
import { LARGEST_BUFFER } from '../../src/exporter/byte-buffer.js';
import { RecordingIo } from './support/io.js';

test('what is added is written in pieces, and the last of it at the end', async () => {
  const pieces: number[] = [];
  const io = new (class extends RecordingIo {
    override out(piece: string | Buffer): Promise<void> | undefined {
      pieces.push(piece.length);
      return super.out(piece);
    }
  })();
  const writer = new PieceWriter(io);
  const lines = Array.from({ length: 100 }, (_, i) => `${i}${'.'.repeat(1999)}\n`);
  for (const line of lines) await writer.add((out) => out.appendText(line));
  assert.equal(await writer.end(), true);
  assert.equal(io.stdout, lines.join(''));
  assert.equal(pieces.length, 4);
  assert.ok(Math.max(...pieces) < 70_000, String(pieces));
});

test('a record too large for a buffer ended the command', async () => {
  const io = new RecordingIo();
  const writer = new PieceWriter(io);
  await writer.add((out) => out.appendText('one\n'));
  await writer.add((out) => {
    out.appendText('two');
    out.reserve(LARGEST_BUFFER);
  });
  await writer.add((out) => out.appendText('three\n'));
  assert.equal(await writer.end(), false);
  assert.equal(io.stdout, 'one\nthree\n');
  assert.equal(io.stderr, '1 record is larger than 512 MiB as text and left out\n');
});
