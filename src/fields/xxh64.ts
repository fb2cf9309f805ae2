/**
 * XXH64 with seed 0, the hash of object ids (github.com/Cyan4973/xxHash, doc/xxhash_spec.md).
 *
 * Implemented in JavaScript, since a WebAssembly module would reserve 10 GB of address space in each thread. Hashing
 * two numbers takes one or two microseconds and is done once per process.
 */

const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;
/** Long inputs are processed in stripes of four lanes. */
const STRIPE = 32;

/** Returns the hash of bytes in hexadecimal, 16 digits. */
export function xxh64(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = view.byteLength;
  let hash = wrap((length < STRIPE ? P5 : hashStripes(view)) + BigInt(length));
  let at = length - (length % STRIPE);
  for (; at + 8 <= length; at += 8) {
    hash = wrap(rotate(hash ^ round(0n, view.getBigUint64(at, true)), 27n) * P1 + P4);
  }
  if (at + 4 <= length) {
    hash = wrap(rotate(hash ^ wrap(BigInt(view.getUint32(at, true)) * P1), 23n) * P2 + P3);
    at += 4;
  }
  for (; at < length; at++) hash = wrap(rotate(hash ^ wrap(BigInt(view.getUint8(at)) * P5), 11n) * P1);
  hash = wrap((hash ^ (hash >> 33n)) * P2);
  hash = wrap((hash ^ (hash >> 29n)) * P3);
  return (hash ^ (hash >> 32n)).toString(16).padStart(16, '0');
}

function hashStripes(view: DataView): bigint {
  const lanes = [P1 + P2, P2, 0n, -P1].map(wrap);
  for (let at = 0; at + STRIPE <= view.byteLength; at += STRIPE) {
    for (let i = 0; i < 4; i++) lanes[i] = round(lanes[i]!, view.getBigUint64(at + 8 * i, true));
  }
  const [a, b, c, d] = lanes as [bigint, bigint, bigint, bigint];
  let hash = wrap(rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n));
  for (const lane of lanes) hash = wrap((hash ^ round(0n, lane)) * P1 + P4);
  return hash;
}

function round(lane: bigint, input: bigint): bigint {
  return wrap(rotate(wrap(lane + input * P2), 31n) * P1);
}

function rotate(value: bigint, bits: bigint): bigint {
  return wrap(value << bits) | (value >> (64n - bits));
}

function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
