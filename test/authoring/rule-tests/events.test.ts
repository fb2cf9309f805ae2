import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTraces } from '../../../src/authoring/read-traces.js';
import { findField } from '../../../src/fields/table.js';
import { readTexts } from '../../../src/policy/engine/values.js';
import type { FlatBatch } from '../../../src/records/flat-batch.js';
import type { FlatRecord } from '../../../src/records/flat-record.js';
import { Collector, recordsOf } from '../../support/records.js';
import { traceOfYaml } from '../../support/rule-tests.js';

/** The records of events as the reader hands them on. */
async function read(yaml: string): Promise<FlatRecord[]> {
  const collector = new Collector<FlatBatch>();
  await readTraces(await traceOfYaml(yaml), [() => collector]);
  return collector.items.flatMap(recordsOf);
}

/** The values of attributes; several elements joined with commas. */
function values(record: FlatRecord, ...names: string[]): string[] {
  return names.map((name) => {
    const { field } = findField(name)!;
    const value = { kind: 'field', field, path: null, index: null, place: null as never } as const;
    return readTexts(value, record).join(',');
  });
}

test('a process is announced with its new user before a SETUID that succeeds, as by the collector', async () => {
  const records = await read(`
processes:
  exploit: { cmdline: /tmp/x, user: app }
events:
  - { process: exploit, ops: SETUID, args: root, ret: -1 }
  - { process: exploit, ops: SETUID, args: root, tid: 4711 }
  - { process: exploit, ops: SETUID, args: '0' }
  - { process: exploit, ops: SETUID, args: '<NA>' }
  - { process: exploit, ops: SETUID, args: root }
  - { process: exploit, ops: EXEC }
  - { process: exploit, ops: SETUID, args: daemon }
`);
  assert.deepEqual(
    records.map((record) => values(record, 'sf.proc.prevuid', 'sf.proc.uid', 'sf.proc.user', 'sf.proc.group')),
    [
      ...Array.from({ length: 4 }, () => ['1000', '1000', 'app', 'app']),
      ...Array.from({ length: 2 }, () => ['1000', '0', 'root', 'app']),
      ['0', '1000', 'daemon', 'app'],
    ],
  );
});

test('SETNS is of the flow of the file that names the namespace, as from the collector', async () => {
  const records = await read(`
events:
  - { process: /usr/bin/nsenter, ops: SETNS, file: /proc/1/ns/mnt }
  - { process: /usr/bin/nsenter, ops: SETNS }
`);
  assert.deepEqual(
    records.map((record) => values(record, 'sf.type', 'sf.file.path')),
    [
      ['FF', '/proc/1/ns/mnt'],
      ['PE', ''],
    ],
  );
});

test('events become records of the type that their operations make, with their process, parent, container and pod', async () => {
  const records = await read(`
processes:
  init: /sbin/init splash
  shell: { cmdline: '/bin/sh -c "id x"', parent: init, container: web, user: app, tty: true, pid: 77, cwd: /tmp, env: [A=1] }
containers:
  web: { image: 'shop/web:1', privileged: true, pod: web-0 }
pods:
  web-0: shop
events:
  - { process: shell, ops: EXEC }
  - { process: shell, ops: [SETUID], args: root, ret: -1 }
  - { process: shell, ops: MKDIR, file: /tmp/d }
  - { process: shell, ops: RENAME, file: /tmp/a, newfile: /tmp/b c }
  - { process: shell, ops: OPEN READ WRITE, file: /etc/passwd, rbytes: 9007199254740993 }
  - { process: shell, ops: OPEN WRITE, file: /etc/cron.d/x, openflags: [WRONLY, CREAT] }
  - { process: shell, ops: CONNECT SEND, connection: 'udp 10.0.0.5:40000 -> 198.51.100.7:53', wbytes: 12 }
  - { component: K8S_PODS, action: K8S_COMPONENT_ADDED, message: '{"a":1}' }
`);
  const table = records.map((record) => values(record, 'sf.type', 'sf.opflags'));
  assert.deepEqual(table, [
    ['PE', 'EXEC'],
    ['PE', 'SETUID'],
    ['FE', 'MKDIR'],
    ['FE', 'RENAME'],
    ['FF', 'OPEN,WRITE,READ'],
    ['FF', 'OPEN,WRITE'],
    ['NF', 'CONNECT,SEND'],
    ['KE', ''],
  ]);
  const [exec, setuid, mkdir, rename, readWrite, create, flow, k8s] = records as [
    FlatRecord,
    FlatRecord,
    FlatRecord,
    FlatRecord,
    FlatRecord,
    FlatRecord,
    FlatRecord,
    FlatRecord,
  ];
  assert.deepEqual(values(exec, 'sf.proc.exe', 'sf.proc.args', 'sf.proc.aname', 'sf.proc.pid', 'sf.proc.user'), [
    '/bin/sh',
    '-c "id x',
    'sh,init',
    '77',
    'app',
  ]);
  assert.deepEqual(values(exec, 'sf.proc.uid', 'sf.proc.group', 'sf.proc.tty', 'sf.proc.cwd', 'sf.proc.env'), [
    '1000',
    'app',
    'true',
    '/tmp',
    'A=1',
  ]);
  assert.deepEqual(values(exec, 'sf.container.name', 'sf.container.privileged', 'sf.pod.name', 'sf.pod.namespace'), [
    'web',
    'true',
    'web-0',
    'shop',
  ]);
  assert.deepEqual(values(setuid, 'sf.ret', 'evt.arg.uid'), ['-1', 'root']);
  assert.deepEqual(values(mkdir, 'sf.file.path', 'sf.file.type'), ['/tmp/d', 'd']);
  assert.deepEqual(values(rename, 'sf.file.path', 'sf.file.newpath'), ['/tmp/a', '/tmp/b c']);
  assert.deepEqual(values(readWrite, 'sf.file.openflags', 'sf.flow.rbytes', 'sf.flow.rops'), [
    'RDONLY,WRONLY,RDWR',
    '9007199254740993',
    '1',
  ]);
  assert.deepEqual(values(create, 'sf.file.openflags', 'sf.file.is_open_read'), ['WRONLY,CREAT', 'false']);
  assert.deepEqual(values(flow, 'sf.net.proto', 'sf.net.sip', 'sf.net.sport', 'sf.net.dip', 'sf.net.dport'), [
    '17',
    '10.0.0.5',
    '40000',
    '198.51.100.7',
    '53',
  ]);
  assert.deepEqual(values(k8s, 'sf.ke.kind', 'sf.ke.action', 'sf.ke.message'), [
    'K8S_PODS',
    'K8S_COMPONENT_ADDED',
    '{"a":1}',
  ]);
});

test('a command line in place of a name is a process of its own, the same for equal command lines', async () => {
  const records = await read(`
events:
  - { process: /bin/cat /etc/shadow, ops: EXEC }
  - { process: /bin/cat /etc/shadow, ops: EXIT }
  - { process: /bin/ls, ops: EXEC }
`);
  const [first, second, third] = records.map((record) => values(record, 'sf.proc.cmdline', 'sf.proc.pid'));
  assert.deepEqual(first, ['/bin/cat /etc/shadow', '1000']);
  assert.deepEqual(second, first);
  assert.deepEqual(third, ['/bin/ls', '1001']);
});

test('a pod has the labels that are written down', async () => {
  const [record] = await read(`
containers: { web: { image: 'shop/web:1', pod: web-0 } }
pods: { web-0: { labels: [role=frontend, app.kubernetes.io/name=web] } }
processes: { shell: { cmdline: /bin/sh, container: web } }
events: [{ process: shell, ops: EXEC }]
`);
  assert.deepEqual(values(record!, 'k8s.pod.labels'), ['role:frontend,app.kubernetes.io/name:web']);
});
