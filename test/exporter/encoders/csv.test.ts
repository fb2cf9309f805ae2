import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteBuffer } from '../../../src/exporter/byte-buffer.js';
import { ALERT_COLUMNS, attributeColumn, createCsvEncoder, csvHeader } from '../../../src/exporter/encoders/csv.js';
import { FIELDS } from '../../../src/fields/table.js';
import type { FlatRecord } from '../../../src/records/flat-record.js';
import { OpFlag } from '../../../src/sysflow/op-flags.js';
import { RecordKind } from '../../../src/sysflow/record-types.js';
import { attach, BatchBuilder, makeFile, makeProcess, readAll } from '../../support/records.js';

const SHELL = { createTs: 2n, pid: 9_007_199_254_740_993n };
const TS = 1_669_702_299_065_947_927n;

function execOf(exe: string, args: string): FlatRecord {
  const builder = new BatchBuilder()
    .process(makeProcess(SHELL, { exe, args }))
    .event(RecordKind.processEvent, { process: SHELL, opFlags: OpFlag.exec, ts: TS });
  return readAll([builder.batch]).records[0]!;
}

function cells(record: FlatRecord, ...names: string[]): string {
  const out = new ByteBuffer(16);
  createCsvEncoder(names.map((name) => attributeColumn(name)!)).encode(record, out);
  return Buffer.from(out.written).toString();
}

test('cells with commas and quotes are quoted, and numbers have all their digits', () => {
  const record = execOf('/bin/a"b', 'x,y');
  assert.equal(cells(record, 'sf.proc.pid', 'sf.proc.exe', 'sf.proc.args'), '9007199254740993,"/bin/a""b","x,y"');
  assert.equal(
    cells(record, 'sf.ts', 'sf.endts', 'sf.file.path', 'sf.opflags'),
    '2022-11-29T06:11:39.065947927Z,,,EXEC',
  );
});

test('event data cannot add control characters, lines or formulas', () => {
  assert.equal(
    cells(execOf('/bin/\x1b[2J', 'a\r\nb\u202e'), 'sf.proc.exe', 'sf.proc.args'),
    '/bin/\\x1b[2J,a\\r\\nb\\u202e',
  );
  for (const text of ['=cmd|x', '+1', '-c id', '@SUM(A1)', "'=1"]) {
    assert.equal(cells(execOf('/bin/sh', text), 'sf.proc.args'), `'${text}`);
  }
});

test('every attribute is a column under each of its names', () => {
  const file = makeFile('aa', { path: '/etc/shadow' });
  const builder = new BatchBuilder()
    .process(makeProcess(SHELL))
    .file(file)
    .event(RecordKind.fileFlow, { process: SHELL, file, opFlags: OpFlag.open, ts: TS });
  const [record] = readAll([builder.batch]).records;
  for (const field of FIELDS) {
    for (const name of [field.name, ...field.aliases])
      assert.equal(typeof attributeColumn(name)!.read(record!), 'string');
    for (const name of field.misnomers) assert.equal(attributeColumn(name), undefined, name);
  }
});

test('an alert has its priority, rules and tags', () => {
  const record = execOf('/bin/sh', '');
  const rule = (name: string, priority: number, ...tags: string[]) => ({ name, description: '', priority, tags });
  const context = { rules: [rule('Odd', 1, 'own'), rule('=Bad', 3, 'own', 'x')], tags: ['seen'], findings: new Map() };
  attach(record, context);
  const out = new ByteBuffer(16);
  createCsvEncoder(ALERT_COLUMNS).encode(record, out);
  assert.equal(csvHeader(ALERT_COLUMNS), 'priority,rules,tags\n');
  assert.equal(Buffer.from(out.written).toString(), 'high,"Odd,=Bad","seen,own,x"');
});
