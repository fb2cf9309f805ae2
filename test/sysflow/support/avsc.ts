/** avsc, the independent implementation that tests compare with. */
import avsc from 'avsc';

const long = avsc.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a < b ? -1 : Number(a > b)),
});

/** Schemas contain longs as a name and as an object. */
function typeHook(schema: unknown): avsc.Type | undefined {
  const isLong = schema === 'long' || (schema as { type?: unknown } | null)?.type === 'long';
  return isLong ? long : undefined;
}

/** The type of a schema, with longs as BigInts and unions wrapped. */
export function avscType(schema: string): avsc.Type {
  return avsc.Type.forSchema(JSON.parse(schema), { typeHook, wrapUnions: true });
}
