/**
 * The kinds of SysFlow records, in the order of the newest schema's union (sf-apis, `SysFlow.avsc`).
 *
 * The numbers are our own and stable: a writer's union may have fewer branches or another order, and the decoder maps
 * its branches to these by name.
 */
export const RecordKind = {
  header: 0,
  container: 1,
  process: 2,
  file: 3,
  processEvent: 4,
  networkFlow: 5,
  fileFlow: 6,
  fileEvent: 7,
  networkEvent: 8,
  processFlow: 9,
  pod: 10,
  k8sEvent: 11,
} as const;

/** One value of {@link RecordKind}. */
export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind];

/** Number of kinds; kinds are `0 … RECORD_KIND_COUNT - 1`. */
export const RECORD_KIND_COUNT = 12;

/** Whether records of a kind announce an entity instead of an event or flow. */
export function isEntity(kind: number): boolean {
  return kind <= RecordKind.file || kind === RecordKind.pod;
}

/** The Avro name of each kind, by kind. */
export const RECORD_KIND_NAMES: readonly string[] = [
  'SFHeader',
  'Container',
  'Process',
  'File',
  'ProcessEvent',
  'NetworkFlow',
  'FileFlow',
  'FileEvent',
  'NetworkEvent',
  'ProcessFlow',
  'Pod',
  'K8sEvent',
];

/** The two-letter record type that rules and outputs use (`sf.type`), by kind; entities have none. */
export const RECORD_TYPE_CODES: readonly string[] = ['', '', '', '', 'PE', 'NF', 'FF', 'FE', 'NE', 'PF', '', 'KE'];
