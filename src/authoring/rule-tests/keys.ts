/**
 * The keys of a file of rule tests: the one description that the reader, its messages and the JSON Schema share.
 *
 * ```yaml
 * policy: ../credentials.yaml          # a path, a list of paths, or the rules themselves
 * processes:                           # for all tests; a test may have more of its own
 *   apache: { cmdline: /usr/sbin/apache2 -k start, user: www-data, uid: 33 }
 *   shell: { cmdline: /bin/sh -c "cat /etc/shadow", parent: apache }
 * tests:
 *   - name: a shell that reads the shadow file
 *     events:
 *       - { process: shell, ops: EXEC }
 *       - { process: shell, ops: [OPEN, READ], file: /etc/shadow }
 *     expect:
 *       Shell from a web server: 1
 *       Read of credentials: [{ sf.file.path: /etc/shadow }]
 *   - name: nothing on a quiet trace
 *     trace: ../traces/quiet.sf
 *     expect: {}
 * ```
 */
import { CONTAINER_TYPES, K8S_ACTIONS, K8S_COMPONENTS } from '../../sysflow/newest-schema.js';
import { OpFlag, opFlagNames } from '../../sysflow/op-flags.js';
import { OpenFlag } from '../../sysflow/open-flags.js';

/** The type of a key's value. */
export type KeyType =
  | 'text'
  | 'integer'
  | 'boolean'
  /** One or more strings: a list, or one string. */
  | 'texts'
  /** One or more words: a list, or one string with spaces between words. */
  | 'words'
  /** Paths, or rules. */
  | 'policy'
  /** A map of named entities. */
  | 'map'
  /** A list of maps. */
  | 'list'
  /** A list of alerts, each given by attributes and their values. */
  | 'alerts'
  /** Expectations by rule. */
  | 'expectations';

export interface KeyDescription {
  readonly type: KeyType;
  readonly description: string;
  /** The permitted values, if they are limited. */
  readonly values?: readonly string[];
  /** The description of elements of a map or list. */
  readonly of?: MapDescription;
}

/** A map with known keys. */
export interface MapDescription {
  /** Its name in messages, such as `a process`. */
  readonly what: string;
  readonly description: string;
  readonly keys: Readonly<Record<string, KeyDescription>>;
  /** The key that a plain string sets, if written in place of the map. */
  readonly shorthand?: string;
}

/** Operations by name, including both names of the bits that networks and files share. */
export const OPERATIONS: ReadonlyMap<string, number> = new Map(
  Object.values(OpFlag).flatMap((bit) =>
    [...opFlagNames(bit, false), ...opFlagNames(bit, true)].map((name) => [name, bit]),
  ),
);

/** Open flags by name. */
export const OPEN_FLAGS: ReadonlyMap<string, number> = new Map(
  Object.entries(OpenFlag).map(([key, bits]) => [key.toUpperCase(), bits]),
);

export const PROCESS: MapDescription = {
  what: 'a process',
  description: 'A process, by the name that events and children give; a text alone is its command line.',
  shorthand: 'cmdline',
  keys: {
    cmdline: { type: 'text', description: 'Path and arguments, instead of exe and args.' },
    exe: { type: 'text', description: 'Path of the executable.' },
    args: { type: 'text', description: 'Arguments, joined with blanks.' },
    parent: { type: 'text', description: 'The parent: the name of a process, or a command line that starts with /.' },
    container: { type: 'text', description: 'Name of the container it runs in. Default: on the host.' },
    entry: { type: 'boolean', description: "Whether it is its container's entry point." },
    user: { type: 'text', description: 'User name. Default: root.' },
    uid: { type: 'integer', description: 'User id. Default: 0 for root, else 1000.' },
    group: { type: 'text', description: 'Group name. Default: the user name.' },
    gid: { type: 'integer', description: 'Group id. Default: the user id.' },
    tty: { type: 'boolean', description: 'Whether it has a terminal.' },
    pid: { type: 'integer', description: 'Process id. Default: 1000 and up.' },
    created: { type: 'integer', description: 'Creation, nanoseconds since the epoch.' },
    cwd: { type: 'text', description: 'Working directory.' },
    env: { type: 'texts', description: 'Environment as NAME=value.' },
  },
};

export const CONTAINER: MapDescription = {
  what: 'a container',
  description: 'A container, by its name; a text alone is its image.',
  shorthand: 'image',
  keys: {
    image: { type: 'text', description: 'Image, with its tag.' },
    imageid: { type: 'text', description: 'Id of the image.' },
    id: { type: 'text', description: 'Container id. Default: made from the name.' },
    type: {
      type: 'text',
      description: 'Type. Default: DOCKER.',
      values: CONTAINER_TYPES.map((type) => type.slice(3)),
    },
    privileged: { type: 'boolean', description: 'Whether it is privileged.' },
    pod: { type: 'text', description: 'Name of the pod it belongs to.' },
  },
};

export const POD: MapDescription = {
  what: 'a pod',
  description: 'A Kubernetes pod, by its name; a text alone is its namespace.',
  shorthand: 'namespace',
  keys: {
    namespace: { type: 'text', description: 'Namespace. Default: default.' },
    nodename: { type: 'text', description: 'Name of its node.' },
    id: { type: 'text', description: 'Pod id. Default: made from the name.' },
    hostip: { type: 'words', description: 'IPv4 addresses of its node.' },
    internalip: { type: 'words', description: 'IPv4 addresses of its own.' },
    restartcnt: { type: 'integer', description: 'How often it was restarted.' },
    labels: { type: 'words', description: 'Labels, each as NAME=VALUE.' },
  },
};

const USER_ARGUMENT =
  'Arguments of a process event: the name of the user that SETUID asks for. A process that succeeds goes on as that user, with user id 0 for root, else 1000, and is announced so before the event, as by the collector.';

export const EVENT: MapDescription = {
  what: 'an event',
  description:
    'An event or flow. Its record type follows from what it has: a connection makes NF, CLONE, EXEC, EXIT, SETUID and SETNS without a file make PE, MKDIR, RMDIR, LINK, SYMLINK, UNLINK and RENAME make FE, other operations on a file FF, a component KE.',
  keys: {
    process: { type: 'text', description: 'Who: the name of a process, or a command line that starts with /.' },
    ops: { type: 'words', description: 'Operations, as in sf.opflags.', values: [...OPERATIONS.keys()] },
    file: { type: 'text', description: 'Path of the file.' },
    newfile: { type: 'text', description: 'Path of the second file of RENAME, LINK and SYMLINK.' },
    filetype: {
      type: 'text',
      description: 'Type of the file, as in sf.file.type. Default: d for MKDIR and RMDIR, else f.',
    },
    openflags: {
      type: 'words',
      description: 'How the file was opened. Default: by its operations.',
      values: [...OPEN_FLAGS.keys()],
    },
    connection: {
      type: 'text',
      description: 'Both ends: 10.0.0.5:40000 -> 198.51.100.7:443, with tcp, udp or icmp in front. Default: tcp.',
    },
    ret: { type: 'integer', description: 'Return code. Default: 0.' },
    args: { type: 'texts', description: USER_ARGUMENT },
    fd: { type: 'integer', description: 'Descriptor. Default: 3.' },
    rops: { type: 'integer', description: 'Operations that read or received. Default: 1 with READ or RECV.' },
    wops: { type: 'integer', description: 'Operations that wrote or sent. Default: 1 with WRITE or SEND.' },
    rbytes: { type: 'integer', description: 'Bytes read or received.' },
    wbytes: { type: 'integer', description: 'Bytes written or sent.' },
    tid: { type: 'integer', description: 'Thread id. Default: the process id.' },
    ts: { type: 'integer', description: 'Start, nanoseconds since the epoch. Default: a second after the one before.' },
    endts: { type: 'integer', description: 'End of a flow, nanoseconds since the epoch. Default: its start.' },
    component: { type: 'text', description: 'Component of a Kubernetes event.', values: K8S_COMPONENTS },
    action: { type: 'text', description: 'Action of a Kubernetes event.', values: K8S_ACTIONS },
    message: { type: 'text', description: 'JSON text of a Kubernetes event.' },
  },
};

const ENTITIES: Readonly<Record<string, KeyDescription>> = {
  processes: { type: 'map', description: 'Processes by name.', of: PROCESS },
  containers: { type: 'map', description: 'Containers by name.', of: CONTAINER },
  pods: { type: 'map', description: 'Pods by name.', of: POD },
};

const POLICY: KeyDescription = {
  type: 'policy',
  description:
    'The rules under test: a path of a file or folder, seen from this file, a list of paths, or the rules, macros and lists themselves.',
};

/** The long form of an expectation of a rule. */
export const EXPECTATION: MapDescription = {
  what: 'an expectation',
  description: 'How many alerts there are, and some that are among them.',
  keys: {
    count: { type: 'integer', description: 'How many alerts of the rule there are.' },
    with: { type: 'alerts', description: 'Alerts that are among them, each by attributes and their values.' },
  },
};

export const TEST: MapDescription = {
  what: 'a test',
  description: 'A test: records, and the alerts that the rules raise on them.',
  keys: {
    name: { type: 'text', description: 'What the test shows.' },
    policy: POLICY,
    trace: { type: 'texts', description: 'Traces, or folders of traces, seen from this file; instead of events.' },
    ...ENTITIES,
    events: { type: 'list', description: 'Records, in order.', of: EVENT },
    rules: { type: 'texts', description: 'The only rules that are looked at. Default: all.' },
    expect: {
      type: 'expectations',
      description:
        'Every rule that fires, with the number of its alerts, a list of alerts by attributes and values, or both (count, with). A rule that is not named must not fire.',
    },
  },
};

export const FILE: MapDescription = {
  what: 'a file of rule tests',
  description: 'Tests of rules, for sfprocessor test.',
  keys: {
    policy: POLICY,
    ...ENTITIES,
    tests: { type: 'list', description: 'The tests.', of: TEST },
  },
};
