import { inflateRawSync } from 'node:zlib';

/**
 * An Avro object container file, split into blocks but not inflated. Supports only well-formed files: it is the
 * baseline of other measurements.
 */
export interface ContainerBlocks {
  /** The writer's schema as JSON. */
  readonly schema: string;
  readonly codec: string;
  readonly blocks: readonly { readonly count: number; readonly data: Uint8Array }[];
}

/** Splits a file into blocks: magic, metadata map, sync marker, then `count size data sync` until the end (Avro 1.11). */
export function splitContainer(file: Buffer): ContainerBlocks {
  let at = 4;
  const long = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = file[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
  };
  const bytes = (): Buffer => {
    const size = long();
    at += size;
    return file.subarray(at - size, at);
  };
  const metadata = new Map<string, string>();
  for (let count = long(); count !== 0; count = long()) {
    if (count < 0) long();
    for (let i = Math.abs(count); i > 0; i--) metadata.set(bytes().toString(), bytes().toString());
  }
  at += 16;
  const blocks: { count: number; data: Uint8Array }[] = [];
  while (at < file.length) {
    const count = long();
    blocks.push({ count, data: bytes() });
    at += 16;
  }
  return { schema: metadata.get('avro.schema') ?? 'null', codec: metadata.get('avro.codec') ?? 'null', blocks };
}

/** Decompresses the data of a block. */
export function inflateBlock(codec: string, data: Uint8Array): Uint8Array {
  if (codec === 'deflate') return inflateRawSync(data);
  if (codec === 'null') return data;
  throw new Error(`the benchmark does not support the codec ${codec}`);
}
