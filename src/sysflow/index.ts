/** The SysFlow data format as a library: reads and writes traces and packets, and defines the constants in them. */
export { type AvroType, parseSchema } from './avro-schema.js';
export type { CodecName } from './codecs/codec.js';
export type { Compression } from './compression/unpack.js';
export {
  appendedText,
  ContainerReader,
  type ContainerReaderOptions,
  type ContainerStatistics,
} from './container-reader.js';
export { type ByteSink, ContainerWriter, type ContainerWriterOptions } from './container-writer.js';
export { type Damage, type DamageKind, lossText } from './damage.js';
export { DECODE_STATUS_TEXTS, DecodeStatus } from './decode-status.js';
export {
  type Container,
  type File,
  type Header,
  type K8sEvent,
  ObjectState,
  type Payload,
  type Pod,
  type Process,
  type Service,
  type ServicePort,
} from './entities.js';
export { SchemaError, TraceError, type TraceErrorCode } from './errors.js';
export { compareInt64, formatInt64, highHalf, lowHalf, toBigInt, toNumber } from './int64.js';
export { formatIpv4, parseIpv4 } from './ipv4.js';
export { DEFAULT_LIMITS, type Limits } from './limits.js';
export { NEWEST_SCHEMA, NEWEST_VERSION } from './newest-schema.js';
export { OpFlag, opFlagNames } from './op-flags.js';
export { isOpenRead, isOpenWrite, OpenFlag, openFlagNames } from './open-flags.js';
export * from './record-batch.js';
export { DecoderFactory, type RecordDecoder } from './record-decoder.js';
export { encodePacket, RecordEncoder } from './record-encoder.js';
export { RECORD_KIND_COUNT, RECORD_KIND_NAMES, RECORD_TYPE_CODES, RecordKind } from './record-types.js';
export { StringInterner } from './string-interner.js';
export * from './trace-record.js';
