/** The shipped rule on SETUID, with records in the order and the form of the collector. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { alertCommand } from '../../src/cli/commands/alert.js';
import { ObjectState } from '../../src/sysflow/entities.js';
import { OpFlag } from '../../src/sysflow/op-flags.js';
import type { TraceRecord } from '../../src/sysflow/trace-record.js';
import { RecordingIo } from '../cli/support/io.js';
import { writeTrace } from '../cli/support/traces.js';
import { projectRoot } from '../house/support/project.js';

const folder = mkdtempSync(join(tmpdir(), 'sfprocessor-test-'));
after(() => rmSync(folder, { recursive: true }));

const RULE = 'Became root by other means';
const HEADER: TraceRecord = { kind: 'header', version: 5, exporter: 'node-1', ip: '10.0.0.1', filename: '' };
const BASH = { createTs: 1n, pid: 30n };
const PROGRAM = { createTs: 2n, pid: 41n };
const USERS = new Map([
  ['root', 0],
  ['www-data', 33],
  ['alice', 1000],
]);

let time = 1_700_000_000_000_000_000n;

function announced(oid: typeof BASH, state: number, userName: string): TraceRecord {
  return {
    kind: 'process',
    state,
    oid,
    parent: oid === PROGRAM ? BASH : null,
    ts: time++,
    exe: oid === PROGRAM ? '/opt/program' : '/bin/bash',
    args: '',
    uid: USERS.get(userName)!,
    userName,
    gid: 0,
    groupName: 'root',
    tty: false,
    containerId: null,
    entry: false,
    cwd: '/',
    env: [],
  };
}

function setuid(argument: string): TraceRecord {
  const { pid } = PROGRAM;
  return {
    kind: 'processEvent',
    process: PROGRAM,
    ts: time++,
    tid: pid,
    opFlags: OpFlag.setuid,
    args: [argument],
    ret: 0,
  };
}

/** The times that the rule fires on traces, each of a process below a shell of a user. */
async function alerts(...traces: readonly (readonly TraceRecord[])[]): Promise<number> {
  const paths: string[] = [];
  for (const records of traces) {
    const path = join(folder, `${time}-${paths.length}.sf`);
    await writeTrace(path, [HEADER, ...records]);
    paths.push(path);
  }
  const io = new RecordingIo();
  const policies = join(projectRoot, 'resources/policies');
  assert.equal(await alertCommand.run(['--quiet', '-p', policies, ...paths], io), 0);
  return io.lines.filter((line) => line.includes(RULE)).length;
}

test('a process announced as root before its SETUID, whose argument is a name, became root by other means', async () => {
  const [created, modified] = [ObjectState.created, ObjectState.modified];
  const trace = [
    announced(BASH, ObjectState.reup, 'alice'),
    announced(PROGRAM, created, 'alice'),
    announced(PROGRAM, modified, 'root'),
    setuid('root'),
  ];
  assert.equal(await alerts(trace), 1);
  assert.equal(await alerts(trace, trace), 2, 'the same in a second trace');
});

test('a service of root that puts on a user with seteuid and becomes root again with setuid is told once', async () => {
  const modified = ObjectState.modified;
  const service = [
    announced(BASH, ObjectState.reup, 'root'),
    announced(PROGRAM, ObjectState.created, 'root'),
    announced(PROGRAM, modified, 'www-data'),
    setuid(''),
    announced(PROGRAM, modified, 'root'),
  ];
  assert.equal(await alerts([...service, setuid('root'), announced(PROGRAM, modified, 'root'), setuid('root')]), 1);
  assert.equal(await alerts([...service, setuid('')]), 0, 'with seteuid, as apt-get does');
});

test('a process whose SETUID is the first that is known of it became root if its parent is not', async () => {
  const first = (parent: string): TraceRecord[] => [
    announced(BASH, ObjectState.reup, parent),
    announced(PROGRAM, ObjectState.reup, 'root'),
    setuid('root'),
  ];
  assert.equal(await alerts(first('alice')), 1);
  assert.equal(await alerts(first('root')), 0);
});
