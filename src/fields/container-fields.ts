/** Attributes of containers and pods. */
import type { FlatRecord } from '../records/flat-record.js';
import type { Pod } from '../sysflow/entities.js';
import { asTime, boolField, type Defaults, int64Field, jsonField, KINDS_PROC, stringField } from './define.js';
import type { Field } from './field.js';

const CONTAINER: Defaults = { section: 'container', dependsOn: 'actor', kinds: KINDS_PROC };
const POD: Defaults = { section: 'pod', dependsOn: 'actor', kinds: KINDS_PROC };

/** Returns a container type without its prefix `CT_`. */
export function containerType(type: string): string {
  return type.startsWith('CT_') ? type.slice(3) : type;
}

/** Returns a pod's services as a JSON text, to which paths are applied. */
function servicesJson(pod: Pod): string {
  return JSON.stringify(
    pod.services.map((service) => ({
      clusterip: service.clusterIps,
      name: service.name,
      id: service.id,
      namespace: service.namespace,
      portList: service.ports,
    })),
  );
}

/** Returns a reader that gives the empty text for records without a pod. */
function ofPod(read: (pod: Pod) => string): (record: FlatRecord) => string {
  return (record) => (record.actor.pod === null ? '' : read(record.actor.pod));
}

export const CONTAINER_FIELDS: readonly Field[] = [
  stringField(CONTAINER, 'sf.container.id', 'Id of the container.', (record) => record.actor.container?.id ?? ''),
  stringField(
    CONTAINER,
    'sf.container.name',
    'Name of the container.',
    (record) => record.actor.container?.name ?? '',
    { aliases: ['container.name'] },
  ),
  stringField(
    CONTAINER,
    'sf.container.imageid',
    'Id of the image.',
    (record) => record.actor.container?.imageId ?? '',
    { aliases: ['container.image.id'], misnomers: ['sf.container.image.id'] },
  ),
  stringField(
    CONTAINER,
    'sf.container.image',
    'Name of the image with its tag.',
    (record) => record.actor.container?.image ?? '',
    { aliases: ['container.image'] },
  ),
  stringField(
    CONTAINER,
    'sf.container.type',
    'Type: DOCKER, LXC, CRI, CONTAINERD, CRIO, … (also with CT_); host outside of containers.',
    (record) => {
      if (record.actor.process === null) return '';
      return record.actor.container === null ? 'host' : containerType(record.actor.container.type);
    },
    { aliases: ['container.type'] },
  ),
  boolField(
    CONTAINER,
    'sf.container.privileged',
    'Whether the container is privileged; 1 and 0 are accepted for true and false.',
    (record) => record.actor.container?.privileged ?? false,
    { aliases: ['container.privileged'] },
  ),

  asTime(
    int64Field(
      POD,
      'sf.pod.ts',
      'Creation of the pod, nanoseconds since the epoch.',
      (record) => record.actor.pod?.tsLo ?? 0,
      (record) => record.actor.pod?.tsHi ?? 0,
    ),
  ),
  stringField(
    POD,
    'sf.pod.id',
    'Id of the pod.',
    ofPod((pod) => pod.id),
    { aliases: ['k8s.pod.id'] },
  ),
  stringField(
    POD,
    'sf.pod.name',
    'Name of the pod.',
    ofPod((pod) => pod.name),
    { aliases: ['k8s.pod.name'] },
  ),
  stringField(
    POD,
    'sf.pod.nodename',
    'Name of the node the pod runs on.',
    ofPod((pod) => pod.nodeName),
  ),
  stringField(
    POD,
    'sf.pod.namespace',
    'Namespace of the pod.',
    ofPod((pod) => pod.namespace),
    { aliases: ['k8s.ns.name'] },
  ),
  int64Field(
    POD,
    'sf.pod.restartcnt',
    'How often the pod was restarted.',
    (record) => record.actor.pod?.restartCountLo ?? 0,
    (record) => record.actor.pod?.restartCountHi ?? 0,
  ),
  jsonField(
    POD,
    'sf.pod.hostip',
    "Addresses of the pod's host.",
    ofPod((pod) => JSON.stringify(pod.hostIps)),
  ),
  jsonField(
    POD,
    'sf.pod.internalip',
    'Addresses of the pod.',
    ofPod((pod) => JSON.stringify(pod.internalIps)),
  ),
  jsonField(POD, 'sf.pod.services', 'Services of the pod.', ofPod(servicesJson)),
];
