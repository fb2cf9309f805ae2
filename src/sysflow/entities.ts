/**
 * The entities of SysFlow, to which events refer. One object is one *version* of an entity: a process that changes is
 * announced again and gets a new object, and earlier events keep the old one. Objects never change once decoded.
 *
 * `memo` of a process or file belongs to the consumers: encoders and the policy engine cache in it what depends on this
 * version alone (see `records/memo.ts`).
 */

/** The stream's header; it starts a stream and resets all entities. */
export interface Header {
  /** Schema version of the stream. */
  readonly version: number;
  /** Name of the exporting node. */
  readonly exporter: string;
  /** Address of the exporting node; `NA` if the schema has none. */
  readonly ip: string;
  /** Name of the trace file as the collector wrote it, or empty. */
  readonly filename: string;
}

/** A container, by its id. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  /** `CT_DOCKER`, … */
  readonly type: string;
  readonly privileged: boolean;
  /** Id of the pod it runs in, null outside Kubernetes. */
  readonly podId: string | null;
}

/** A port of a Kubernetes service. */
export interface ServicePort {
  readonly port: number;
  readonly targetPort: number;
  readonly nodePort: number;
  readonly proto: string;
}

/** A Kubernetes service of a pod. */
export interface Service {
  readonly name: string;
  readonly id: string;
  readonly namespace: string;
  readonly ports: readonly ServicePort[];
  /** Dotted IPv4 addresses. */
  readonly clusterIps: readonly string[];
}

/** A Kubernetes pod, by its id. */
export interface Pod {
  readonly tsLo: number;
  readonly tsHi: number;
  readonly id: string;
  readonly name: string;
  readonly nodeName: string;
  /** Dotted IPv4 addresses. */
  readonly hostIps: readonly string[];
  /** Dotted IPv4 addresses. */
  readonly internalIps: readonly string[];
  readonly namespace: string;
  readonly restartCountLo: number;
  readonly restartCountHi: number;
  readonly labels: ReadonlyMap<string, string>;
  readonly selectors: ReadonlyMap<string, string>;
  readonly services: readonly Service[];
}

/** State of a process or file when announced: created, modified, or announced again. */
export const ObjectState = { created: 0, modified: 1, reup: 2 } as const;

/** A process, by its object id: creation time and host pid, both 64 bits. */
export interface Process {
  /** One of {@link ObjectState}. */
  readonly state: number;
  readonly createTsLo: number;
  readonly createTsHi: number;
  readonly pidLo: number;
  readonly pidHi: number;
  readonly hasParent: boolean;
  readonly parentCreateTsLo: number;
  readonly parentCreateTsHi: number;
  readonly parentPidLo: number;
  readonly parentPidHi: number;
  readonly tsLo: number;
  readonly tsHi: number;
  /** Path of the executable. */
  readonly exe: string;
  /** Arguments joined with spaces. */
  readonly args: string;
  readonly uid: number;
  readonly userName: string;
  readonly gid: number;
  readonly groupName: string;
  /** Whether it has a controlling terminal. */
  readonly tty: boolean;
  readonly containerId: string | null;
  /** Whether it is its container's entry point. */
  readonly entry: boolean;
  /** Working directory; null before schema version 5. */
  readonly cwd: string | null;
  /** Environment as `NAME=value`; null before schema version 5. */
  readonly env: readonly string[] | null;
  /** Data that consumers cache for this version; initially an empty array. */
  memo: unknown[];
}

/**
 * A file, socket, pipe or other resource, by its 160-bit object id. The time of its announcement is only in the row.
 */
export interface File {
  /** One of {@link ObjectState}. */
  readonly state: number;
  /** The object id in hex, 40 digits. */
  readonly oid: string;
  /** ASCII code of the type: `f`, `d`, `4`, `6`, `u`, `p`, … */
  readonly resourceType: number;
  /** Path. */
  readonly path: string;
  readonly containerId: string | null;
  /** Data that consumers cache for this version; initially an empty array. */
  memo: unknown[];
}

/** The data of a Kubernetes event record besides its time. */
export interface K8sEvent {
  /** `K8S_PODS`, … */
  readonly kind: string;
  /** `K8S_COMPONENT_ADDED`, … */
  readonly action: string;
  /** JSON text from the API server, without the trailing newline and NUL of the collector's socket form. */
  readonly message: string;
}

/** The data of a batch row besides its numbers, by record kind: the entity, a K8s event, arguments, or null. */
export type Payload = Header | Container | Pod | Process | File | K8sEvent | readonly string[] | null;
