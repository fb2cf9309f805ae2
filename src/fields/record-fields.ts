/** Attributes of the record itself, of the stream's header, and of Kubernetes events. */
import type { FlatRecord } from '../records/flat-record.js';
import { opFlagNames } from '../sysflow/op-flags.js';
import { SLOT_END_TS, SLOT_RET, SLOT_TS } from '../sysflow/record-batch.js';
import { RECORD_TYPE_CODES, RecordKind } from '../sysflow/record-types.js';
import {
  asTime,
  type Defaults,
  int32Field,
  int64Field,
  jsonField,
  KINDS_ALL,
  KINDS_FE,
  KINDS_FLOW,
  KINDS_KE,
  KINDS_PE,
  KINDS_PROC,
  slot32Field,
  slotField,
  stringField,
  stringsField,
} from './define.js';
import type { Field } from './field.js';
import { baseName } from './go-path.js';

const RECORD: Defaults = { section: 'record', dependsOn: 'event', kinds: KINDS_ALL };
const NODE: Defaults = { section: 'node', dependsOn: 'actor', kinds: KINDS_ALL };
const META: Defaults = { section: 'meta', dependsOn: 'actor', kinds: KINDS_ALL };
const KE: Defaults = { section: 'ke', dependsOn: 'event', kinds: KINDS_KE };

/** Returns the slot of a record's end: flows have one, a Kubernetes event ends when it starts. */
function endSlot(record: FlatRecord): number {
  return record.base + (record.kind === RecordKind.k8sEvent ? SLOT_TS : SLOT_END_TS);
}

export const RECORD_FIELDS: readonly Field[] = [
  stringField(
    RECORD,
    'sf.type',
    'Record type: PE process event, PF process flow, FE file event, FF file flow, NF network flow, KE Kubernetes event.',
    (record) => RECORD_TYPE_CODES[record.kind]!,
    { dependsOn: 'signature' },
  ),
  stringsField(
    RECORD,
    'sf.opflags',
    'Operations: CLONE, EXEC, EXIT, SETUID, SETNS, OPEN, CLOSE, READ, WRITE, MMAP, TRUNCATE, MKDIR, RMDIR, LINK, UNLINK, SYMLINK, RENAME, ACCEPT, CONNECT, SEND, RECV, SHUTDOWN, DIGEST.',
    (record) => opFlagNames(record.opFlags, record.kind === RecordKind.networkFlow),
    { dependsOn: 'signature', kinds: KINDS_PROC },
  ),
  slot32Field(
    RECORD,
    'sf.ret',
    'Return code of an event: below 0 an error number, of EXIT the status as from wait (exit code times 256, or a signal), of CLONE the new process; 0 for flows.',
    SLOT_RET,
    {
      kinds: KINDS_PE | KINDS_FE,
      aliases: ['evt.rawres'],
    },
  ),
  asTime(
    slotField(RECORD, 'sf.ts', 'Start of the record, nanoseconds since the epoch.', SLOT_TS, {
      aliases: ['evt.rawtime', 'evt.time'],
    }),
  ),
  asTime(
    int64Field(
      RECORD,
      'sf.endts',
      'End of a flow, nanoseconds since the epoch; 0 for process and file events.',
      (record) => record.slots[endSlot(record)]!,
      (record) => record.slots[endSlot(record) + 1]!,
      { kinds: KINDS_FLOW | KINDS_KE },
    ),
  ),

  stringField(NODE, 'sf.node.id', 'Name of the exporting node.', (record) => record.actor.header.exporter),
  stringField(NODE, 'sf.node.ip', 'Address of the exporting node.', (record) => record.actor.header.ip),
  int32Field(META, 'sf.meta.schema', 'Schema version of the stream.', (record) => record.actor.header.version, {
    misnomers: ['sf.schema.version', 'sf.version'],
  }),
  stringField(META, 'sf.meta.tracename', 'Base name of the trace file as the collector named it.', (record) =>
    baseName(record.actor.header.filename),
  ),

  stringField(KE, 'sf.ke.action', 'What happened to the component: K8S_COMPONENT_ADDED, …', (record) =>
    record.k8sEvent === null ? '' : record.k8sEvent.action,
  ),
  stringField(KE, 'sf.ke.kind', 'The kind of component: K8S_PODS, K8S_SERVICES, …', (record) =>
    record.k8sEvent === null ? '' : record.k8sEvent.kind,
  ),
  jsonField(KE, 'sf.ke.message', "The Kubernetes API's JSON text of the event.", (record) =>
    record.k8sEvent === null ? '' : record.k8sEvent.message,
  ),
];
