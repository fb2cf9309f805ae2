/**
 * The newest schema of a SysFlow record, version 5 (sf-apis, `SysFlow.avsc`). The writer uses it, and packets are
 * decoded with it.
 */
type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json };

const field = (name: string, type: Json, fallback?: Json): Json =>
  fallback === undefined ? { name, type } : { name, type, default: fallback };

const record = (namespace: string, name: string, ...fields: readonly Json[]): Json => ({
  type: 'record',
  namespace: `sysflow.${namespace}`,
  name,
  fields,
});

const choice = (name: string, ...symbols: readonly string[]): Json => ({
  type: 'enum',
  namespace: 'sysflow.type',
  name,
  symbols,
});

const listOf = (items: Json): Json => ({ type: 'array', items });
const optional = (type: Json): Json => ['null', type];
const texts = listOf('string');
const addresses = { type: 'array', items: 'long', logicalType: 'ipaddr' };
const textMap = { type: 'map', values: 'string' };

// A named type is defined at its first use; later uses refer to it by its full name.
const processOid = record('type', 'OID', field('createTS', 'long'), field('hpid', 'long'));
const processOidAgain = 'sysflow.type.OID';
const fileOid = { type: 'fixed', namespace: 'sysflow.type', name: 'FOID', size: 20 };
const fileOidAgain = 'sysflow.type.FOID';
const objectState = choice('SFObjectState', 'CREATED', 'MODIFIED', 'REUP');
const objectStateAgain = 'sysflow.type.SFObjectState';

/** Symbols of `ContainerType`, by their number on the wire. */
export const CONTAINER_TYPES: readonly string[] = [
  'CT_DOCKER',
  'CT_LXC',
  'CT_LIBVIRT_LXC',
  'CT_MESOS',
  'CT_RKT',
  'CT_CUSTOM',
  'CT_CRI',
  'CT_CONTAINERD',
  'CT_CRIO',
  'CT_BPM',
];

/** Symbols of `K8sComponent`, by their number on the wire. */
export const K8S_COMPONENTS: readonly string[] = [
  'K8S_NODES',
  'K8S_NAMESPACES',
  'K8S_PODS',
  'K8S_REPLICATIONCONTROLLERS',
  'K8S_SERVICES',
  'K8S_EVENTS',
  'K8S_REPLICASETS',
  'K8S_DAEMONSETS',
  'K8S_DEPLOYMENTS',
  'K8S_UNKNOWN',
];

/** Symbols of `K8sAction`, by their number on the wire. */
export const K8S_ACTIONS: readonly string[] = [
  'K8S_COMPONENT_ADDED',
  'K8S_COMPONENT_MODIFIED',
  'K8S_COMPONENT_DELETED',
  'K8S_COMPONENT_ERROR',
  'K8S_COMPONENT_NONEXISTENT',
  'K8S_COMPONENT_UNKNOWN',
];

const events = [field('procOID', processOidAgain), field('ts', 'long'), field('tid', 'long'), field('opFlags', 'int')];
const ends = ['sip', 'sport', 'dip', 'dport', 'proto'].map((name) => field(name, 'int'));
const counters = [
  field('fd', 'int'),
  ...['numRRecvOps', 'numWSendOps', 'numRRecvBytes', 'numWSendBytes'].map((name) => field(name, 'long')),
];

const port = record(
  'entity',
  'Port',
  ...['port', 'targetPort', 'nodePort'].map((name) => field(name, 'int')),
  field('proto', 'string'),
);

const service = record(
  'entity',
  'Service',
  ...['name', 'id', 'namespace'].map((name) => field(name, 'string')),
  field('portList', listOf(port)),
  field('clusterIP', addresses),
);

/** Schema version of written traces. */
export const NEWEST_VERSION = 5;

const branches: readonly Json[] = [
  record(
    'entity',
    'SFHeader',
    field('version', 'long', NEWEST_VERSION),
    field('exporter', 'string'),
    field('ip', 'string', 'NA'),
    field('filename', 'string'),
  ),
  record(
    'entity',
    'Container',
    ...['id', 'name', 'image', 'imageid'].map((name) => field(name, 'string')),
    field('type', choice('ContainerType', ...CONTAINER_TYPES)),
    field('privileged', 'boolean'),
    field('podId', optional('string')),
  ),
  record(
    'entity',
    'Process',
    field('state', objectState),
    field('oid', processOid),
    field('poid', optional(processOidAgain)),
    field('ts', 'long'),
    field('exe', 'string'),
    field('exeArgs', 'string'),
    field('uid', 'int'),
    field('userName', 'string'),
    field('gid', 'int'),
    field('groupName', 'string'),
    field('tty', 'boolean'),
    field('containerId', optional('string')),
    field('entry', 'boolean', false),
    field('cwd', 'string'),
    field('env', texts),
  ),
  record(
    'entity',
    'File',
    field('state', objectStateAgain),
    field('oid', fileOid),
    field('ts', 'long'),
    field('restype', 'int'),
    field('path', 'string'),
    field('containerId', optional('string')),
  ),
  record('event', 'ProcessEvent', ...events, field('args', texts), field('ret', 'int')),
  record('flow', 'NetworkFlow', ...events, field('endTs', 'long'), ...ends, ...counters),
  record(
    'flow',
    'FileFlow',
    ...events,
    field('openFlags', 'int'),
    field('endTs', 'long'),
    field('fileOID', fileOidAgain),
    ...counters,
  ),
  record(
    'event',
    'FileEvent',
    ...events,
    field('fileOID', fileOidAgain),
    field('ret', 'int'),
    field('newFileOID', optional(fileOidAgain)),
  ),
  record('event', 'NetworkEvent', ...events, ...ends, field('ret', 'int')),
  record(
    'flow',
    'ProcessFlow',
    field('procOID', processOidAgain),
    field('ts', 'long'),
    field('numThreadsCloned', 'long'),
    field('opFlags', 'int'),
    field('endTs', 'long'),
    field('numThreadsExited', 'long'),
    field('numCloneErrors', 'long'),
  ),
  record(
    'entity',
    'Pod',
    field('ts', 'long'),
    ...['id', 'name', 'nodeName'].map((name) => field(name, 'string')),
    field('hostIP', addresses),
    field('internalIP', addresses),
    field('namespace', 'string'),
    field('restartCount', 'long'),
    field('labels', textMap),
    field('selectors', textMap),
    field('services', listOf(service)),
  ),
  record(
    'event',
    'K8sEvent',
    field('kind', choice('K8sComponent', ...K8S_COMPONENTS)),
    field('action', choice('K8sAction', ...K8S_ACTIONS)),
    field('ts', 'long'),
    field('message', 'string'),
  ),
];

/** The newest schema as JSON text. */
export const NEWEST_SCHEMA: string = JSON.stringify({
  type: 'record',
  namespace: 'sysflow',
  name: 'SysFlow',
  fields: [field('rec', branches)],
});
