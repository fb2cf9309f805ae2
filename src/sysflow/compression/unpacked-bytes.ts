import type { Buffer } from 'node:buffer';
import type { TraceError } from '../errors.js';

/** Decompressed bytes, each piece valid until the next; returns the error that ends them early, or null. */
export type UnpackedBytes = AsyncGenerator<Buffer, TraceError | null, undefined>;
