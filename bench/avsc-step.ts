import avro from 'avsc';
import { type ContainerBlocks, inflateBlock } from './container-blocks.js';

/** Longs as BigInt: times in nanoseconds are beyond what avsc takes by default. */
const LONG = avro.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

/** Longs stand in schemas as a name and as a type of their own. */
function typeHook(schema: unknown): avro.Type | undefined {
  const isLong = schema === 'long' || (schema as { type?: unknown } | null)?.type === 'long';
  return isLong ? LONG : undefined;
}

/** The types by schema: the files of a folder have few schemas. */
const types = new Map<string, avro.Type>();

/** Decodes all records of a file into objects with avsc; gives their number. */
export function avscStep({ schema, codec, blocks }: ContainerBlocks): number {
  let type = types.get(schema);
  if (type === undefined) {
    type = avro.Type.forSchema(JSON.parse(schema), { typeHook, wrapUnions: true });
    types.set(schema, type);
  }
  let records = 0;
  for (const { count, data } of blocks) {
    const bytes = Buffer.from(inflateBlock(codec, data));
    let at = 0;
    for (let i = 0; i < count; i++) at = type.decode(bytes, at).offset;
    records += count;
  }
  return records;
}
