import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { type ByteBuffer, LARGEST_BUFFER } from '../../src/exporter/byte-buffer.js';
import { EncodedPiece } from '../../src/exporter/encoded-piece.js';
import type { Encoder } from '../../src/exporter/encoder.js';
import { createJsonEncoder } from '../../src/exporter/encoders/json.js';
import { Exporter } from '../../src/exporter/exporter.js';
import { recordIdentity } from '../../src/exporter/record-identity.js';
import { OK, type Ok, type Transport } from '../../src/exporter/transport.js';
import { xxh64 } from '../../src/fields/xxh64.js';
import type { FlatBatch } from '../../src/records/flat-batch.js';
import type { FlatRecord } from '../../src/records/flat-record.js';
import type { MatchedRule, RecordContext } from '../../src/records/record-context.js';
import { RecordKind } from '../../src/sysflow/record-types.js';
import { BatchBuilder, flatten, makeContainer, makeFile, makeProcess, recordsOf } from '../support/records.js';
import { Output } from './support/output.js';

const ID = { createTs: 1_700_000_000_000_000_001n, pid: 42n };
const TS = 1_700_000_123_456_789_123n;

/** What a transport that needs records sees of each. */
interface Seen {
  readonly line: string;
  readonly time: bigint;
  readonly severity: number | null;
  readonly node: string;
  readonly identity: string;
}

class SeeingTransport implements Transport {
  readonly target = 'memory';
  readonly needs = 'records';
  readonly mostPieces = 2;
  readonly seen: Seen[] = [];
  connect = async (): Promise<Ok> => OK;
  close = async (): Promise<Ok> => OK;
  send(pieces: readonly EncodedPiece[]): Ok {
    for (const one of pieces) {
      for (let i = 0; i < one.count; i++) {
        this.seen.push({
          line: Buffer.from(one.bytes.subarray(one.start(i), one.end(i))).toString(),
          time: one.time(i),
          severity: one.severity(i),
          node: one.node(i),
          identity: one.identity(i),
        });
      }
    }
    return OK;
  }
}

const rule = (priority: number): MatchedRule => ({ name: 'r', description: '', priority, tags: [] });

/** Events of two nodes, with rules on some. */
function events(node: string, count: number, priorities: readonly (readonly number[])[] = []): FlatBatch {
  const builder = new BatchBuilder().header({ exporter: node }).process(makeProcess(ID));
  for (let i = 0; i < count; i++) {
    builder.event(RecordKind.processEvent, { process: ID, ts: TS + BigInt(i), tid: BigInt(i) });
  }
  const [flat] = flatten([builder.batch], { rateLimit: null }).flats;
  const contexts = new Array<RecordContext | null>(1024).fill(null);
  for (const [i, own] of priorities.entries()) {
    contexts[flat!.rows[i]!] = { rules: own.map(rule), tags: [], findings: new Map() };
  }
  return flat!.select(flat!.rows, flat!.count, contexts);
}

function exporterOf(transport: Transport, encoder: Encoder, pieceRecords = 0): Exporter {
  return new Exporter({ encoder, delivery: new Output(transport).delivery, now: () => 0, pieceRecords });
}

test('a transport that needs records gets where each ends, its exact time, severity, node and identity', async () => {
  const transport = new SeeingTransport();
  const exporter = exporterOf(transport, createJsonEncoder());
  const batches = [events('node-a', 3, [[1], [1, 3, 2]]), events('node-b', 2)];
  const records = batches.flatMap(recordsOf);
  const expected = records.map(recordIdentity);
  for (const batch of batches) await exporter.push(batch);
  await exporter.end();
  const { seen } = transport;
  assert.deepEqual(
    seen.map(({ time }) => time),
    [TS, TS + 1n, TS + 2n, TS, TS + 1n],
  );
  assert.deepEqual(
    seen.map(({ severity }) => severity),
    [1, 3, null, null, null],
  );
  assert.deepEqual(
    seen.map(({ node }) => node),
    ['node-a', 'node-a', 'node-a', 'node-b', 'node-b'],
  );
  assert.deepEqual(
    seen.map(({ identity }) => identity),
    expected,
  );
  for (const { line, time, node } of seen) {
    assert.ok(line.startsWith('{"version":5') && line.endsWith('}\n'), line);
    assert.ok(line.includes(`"ts":${time},`) && line.includes(`"id":"${node}"`), line);
  }
});

test('details went to the next record where one is left out, since it is too large', async () => {
  const encoder: Encoder = {
    encode(record: FlatRecord, out: ByteBuffer): void {
      out.appendAscii(String(record.tid));
      if (record.tid % 3n === 0n) out.reserve(LARGEST_BUFFER);
    },
  };
  for (const pieceRecords of [0, 1, 2, 3]) {
    const transport = new SeeingTransport();
    const exporter = exporterOf(transport, encoder, pieceRecords);
    await exporter.push(events('n', 8));
    await exporter.push(events('n', 4));
    await exporter.end();
    assert.deepEqual(
      transport.seen.map(({ line, time }) => [line, time - TS]),
      [1n, 2n, 4n, 5n, 7n, 1n, 2n].map((number) => [`${number}\n`, number]),
      `pieces of ${pieceRecords}`,
    );
  }
});

test('a part of a piece knows the same of its records', () => {
  const details = {
    times: [1, 0, 2, 0, -1, -1, 4, 0],
    severities: [1, 0, 3, 2],
    nodes: ['a', 'b', 'c', 'd'],
    identities: ['0', '1', '2', '3'],
  };
  const whole = new EncodedPiece(Buffer.from('a\nbb\nccc\ndddd\n'), 4, details);
  const part = whole.slice(1, 4).slice(1, 3);
  assert.equal(Buffer.from(part.bytes).toString(), 'ccc\ndddd\n');
  assert.deepEqual([part.count, part.start(1), part.end(1)], [2, 4, 9]);
  assert.deepEqual([part.time(0), part.severity(0), part.node(1), part.identity(1)], [-1n, 3, 'd', '3']);
  assert.equal(whole.slice(1, 2).severity(0), null);
  assert.equal(whole.slice(2, 2).bytes.length, 0);
  const plain = new EncodedPiece(Buffer.from('a\n'), 1);
  assert.throws(() => plain.identity(0), /'bytes'/);
});

test('the identity of a record is that of the original', () => {
  const file = makeFile('ab');
  const { batch } = new BatchBuilder()
    .header({ exporter: 'node-1' })
    .container(makeContainer({ id: 'c1' }))
    .process(makeProcess(ID, { containerId: 'c1' }))
    .file(file)
    .event(RecordKind.processEvent, { process: ID, ts: TS, tid: 7n })
    .event(RecordKind.fileFlow, { process: ID, ts: TS, tid: 7n, file })
    .event(RecordKind.networkFlow, {
      ...{ process: ID, ts: TS, tid: 7n, sip: '10.0.0.1', sport: 40000, dip: '10.0.0.2', dport: 443, proto: 6 },
    });
  const [flat] = flatten([batch], { rateLimit: null }).flats;
  const common = `node-1c1${TS}7${ID.createTs}`;
  assert.deepEqual(
    recordsOf(flat!).map(recordIdentity),
    [`${common}PE`, `${common}FF${file.oid}`, `${common}NF10.0.0.14000010.0.0.24436`].map((text) =>
      xxh64(Buffer.from(text)),
    ),
  );
});

test('Kubernetes events of one time were one record to an index', () => {
  const builder = new BatchBuilder().header();
  const event = { kind: 'K8S_PODS', message: '{}' };
  for (const action of ['K8S_COMPONENT_ADDED', 'K8S_COMPONENT_MODIFIED']) builder.k8sEvent({ ...event, action }, TS);
  builder.k8sEvent({ ...event, action: 'K8S_COMPONENT_ADDED', message: '{"a":1}' }, TS);
  const [flat] = flatten([builder.batch], { rateLimit: null }).flats;
  assert.equal(new Set(recordsOf(flat!).map(recordIdentity)).size, 3);
});
