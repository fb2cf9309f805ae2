import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteBuffer } from '../../../src/exporter/byte-buffer.js';
import { createTextEncoder } from '../../../src/exporter/encoders/text.js';
import { OpFlag } from '../../../src/sysflow/op-flags.js';
import { RecordKind } from '../../../src/sysflow/record-types.js';
import { attach, BatchBuilder, makeContainer, makeFile, makeProcess, readAll } from '../../support/records.js';

const INIT = { createTs: 1n, pid: 1n };
const SHELL = { createTs: 2n, pid: 12705n };
const TS = 1_669_702_299_065_947_927n;

function lines(builder: BatchBuilder, color = false, sources = false): string[] {
  return readAll([builder.batch]).records.map((record) => {
    const out = new ByteBuffer(16);
    createTextEncoder(color, sources).encode(record, out);
    return Buffer.from(out.bytes.subarray(0, out.length)).toString();
  });
}

test('a line contains the time, process, operation and ancestry', () => {
  const file = makeFile('aa', { path: '/etc/shadow' });
  const [exec, read, flow, exit] = lines(
    new BatchBuilder()
      .container(makeContainer({ privileged: true }))
      .process(makeProcess(INIT, { exe: '/sbin/init', args: '' }))
      .process(makeProcess(SHELL, { exe: '/bin/cat', args: '/etc/shadow', containerId: 'c0ffee' }, INIT))
      .file(file)
      .event(RecordKind.processEvent, { process: SHELL, opFlags: OpFlag.exec, ts: TS })
      .event(RecordKind.fileFlow, {
        process: SHELL,
        file,
        opFlags: OpFlag.open | OpFlag.readRecv,
        rbytes: 1536n,
        ts: TS,
      })
      .event(RecordKind.networkFlow, {
        process: SHELL,
        opFlags: OpFlag.connect,
        sip: '10.0.0.1',
        sport: 1,
        dip: '10.0.0.2',
        dport: 22,
        proto: 6,
        ts: TS,
      })
      .event(RecordKind.processEvent, { process: SHELL, opFlags: OpFlag.exit, ret: 256, ts: TS }),
  );
  assert.equal(
    exec,
    '2022-11-29T06:11:39.065Z  PE  cat(12705) root               EXEC /bin/cat /etc/shadow  ← init  [web docker, privileged]',
  );
  assert.match(read!, /FF {2}cat\(12705\) root +OPEN,READ \/etc\/shadow {2}in 1\.5 KiB {2}← init/);
  assert.match(flow!, /NF .*CONNECT tcp 10\.0\.0\.1:1 → 10\.0\.0\.2:22/);
  assert.match(exit!, /EXIT code 1 /);
});

test('SETUID shows the requested user, and nothing if the argument is empty', () => {
  const setuid = { process: SHELL, opFlags: OpFlag.setuid, ts: TS };
  const [named, unnamed] = lines(
    new BatchBuilder()
      .process(makeProcess(SHELL, { exe: '/bin/su', args: '' }))
      .event(RecordKind.processEvent, { ...setuid, args: ['www-data'] })
      .event(RecordKind.processEvent, { ...setuid, args: [''] }),
  );
  assert.match(named!, /SETUID to www-data$/);
  assert.match(unnamed!, /SETUID$/);
});

test('lines of two days, and of two traces, looked as if they were of one', () => {
  const builder = (trace: string, exporter: string): BatchBuilder => {
    const made = new BatchBuilder().header({ exporter });
    made.batch.trace = trace;
    for (const ts of [TS, TS + 86_400_000_000_000n]) {
      made.event(RecordKind.processEvent, { process: SHELL, opFlags: OpFlag.exec, ts });
    }
    return made;
  };
  const [first, next] = lines(builder('/traces/a.sf', 'web-1'), false, true);
  assert.match(first!, /^2022-11-29T06:11:39\.065Z {2}web-1:a\.sf {2,}PE /);
  assert.match(next!, /^2022-11-30T06:11:39\.065Z {2}web-1:a\.sf {2,}PE /);
  const [other] = lines(builder('b\x1b[2J.sf', 'db\n1'), false, true);
  assert.match(other!, /^2022-11-29T06:11:39\.065Z {2}db\\n1:b\\x1b\[2J\.sf {2,}PE /);
});

test('event data cannot drive the terminal or start another line', () => {
  const [line] = lines(
    new BatchBuilder()
      .process(makeProcess(SHELL, { exe: '/tmp/\u001b]0;x\u0007', args: 'a\nb\u202egpj\udcff\u009b' }))
      .event(RecordKind.processEvent, { process: SHELL, opFlags: OpFlag.exec, ts: TS }),
    true,
  );
  const plain = line!.replaceAll(/\u001b\[[\d;]*m/g, '');
  assert.doesNotMatch(plain, /[\u0000-\u001f\u007f-\u009f\u202e\ud800-\udfff]/);
  assert.match(plain, /\\x1b\]0;x\\x07/);
  assert.match(plain, /a\\nb\\u202egpj\\xff\\u009b/);
});

test('an alert starts with the rule of the highest priority; other rules and the tags come last', () => {
  const builder = new BatchBuilder()
    .process(makeProcess(INIT, { exe: '/sbin/init', args: '' }))
    .process(makeProcess(SHELL, { exe: '/bin/cat', args: '/etc/shadow' }, INIT))
    .event(RecordKind.processEvent, { process: SHELL, opFlags: OpFlag.exec, ts: TS });
  const [record] = readAll([builder.batch]).records;
  const rule = (name: string, priority: number, ...tags: string[]) => ({ name, description: '', priority, tags });
  const rules = [rule('Odd', 1, 'own'), rule('Hashes\nread', 3, 'mitre:T1003.008')];
  const context = { rules, tags: ['seen'], findings: new Map([['sha256', 'ab\u001b']]) };
  const alert = attach(record!, context);
  const encode = (color: boolean): string => {
    const out = new ByteBuffer(16);
    createTextEncoder(color).encode(alert, out);
    return Buffer.from(out.bytes.subarray(0, out.length)).toString();
  };
  assert.equal(
    encode(false),
    '2022-11-29T06:11:39.065Z  HIGH    Hashes\\nread                    cat(12705) root       EXEC /bin/cat /etc/shadow  ← init  + Odd  seen own mitre:T1003.008 sha256=ab\\x1b',
  );
  assert.match(encode(true), /\u001b\[1;31mHIGH {2}\u001b\[0m {2}\u001b\[1mHashes\\nread +\u001b\[0m/);
});
