import type { Random } from '../../test/sysflow/support/random.js';

/** Significant byte sequences: limits of integers, implausible lengths and counts, magic numbers. */
const SIGNIFICANT: readonly Buffer[] = [
  [0],
  [1],
  [0x7f],
  [0x80],
  [0xff],
  [0xfe, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x80, 0x80, 0x80, 0x80, 0x10],
  [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x4f, 0x62, 0x6a, 0x01],
  [0x28, 0xb5, 0x2f, 0xfd],
].map((bytes) => Buffer.from(bytes));

/** Applies one to five random changes to a sample; inserted pieces come from `other`. */
export function mutate(random: Random, sample: Buffer, other: Buffer): Buffer {
  let bytes: Buffer = Buffer.from(sample);
  for (let changes = 1 + random.below(5); changes > 0; changes--) bytes = change(random, bytes, other);
  return bytes;
}

function change(random: Random, bytes: Buffer, other: Buffer): Buffer {
  if (bytes.length === 0) return Buffer.from(other);
  const at = random.below(bytes.length);
  const length = random.chance(0.8) ? 1 + random.below(16) : random.below(bytes.length - at + 1);
  const before = bytes.subarray(0, at);
  const rest = bytes.subarray(at);
  switch (random.below(8)) {
    case 0:
      bytes[at]! ^= 1 << random.below(8);
      return bytes;
    case 1:
      bytes[at] = random.below(256);
      return bytes;
    case 2:
      random.pick(SIGNIFICANT).copy(bytes, at);
      return bytes;
    case 3:
      return Buffer.concat([before, random.pick(SIGNIFICANT), rest]);
    case 4:
      return Buffer.concat([before, rest.subarray(length)]);
    case 5:
      return Buffer.concat([before, rest.subarray(0, length), rest]);
    case 6:
      return Buffer.from(before);
    default: {
      const from = random.below(other.length);
      return Buffer.concat([before, other.subarray(from, from + length), rest.subarray(random.below(length + 1))]);
    }
  }
}
