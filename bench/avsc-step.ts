import type avro from 'avsc';
import { avscType } from '../test/sysflow/support/avsc.js';
import { type ContainerBlocks, inflateBlock } from './container-blocks.js';

/** Types by schema, since the files of a folder share few schemas. */
const types = new Map<string, avro.Type>();

/** Decodes all records of a file into objects with avsc; returns their number. */
export function avscStep({ schema, codec, blocks }: ContainerBlocks): number {
  let type = types.get(schema);
  if (type === undefined) {
    type = avscType(schema);
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
