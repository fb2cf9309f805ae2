import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DecodeStatus } from '../../src/sysflow/decode-status.js';
import { DEFAULT_LIMITS } from '../../src/sysflow/limits.js';
import { RecordBatch } from '../../src/sysflow/record-batch.js';
import { DecoderFactory } from '../../src/sysflow/record-decoder.js';
import { encodePacket } from '../../src/sysflow/record-encoder.js';
import { StringInterner } from '../../src/sysflow/string-interner.js';
import { recordAt, type TraceRecord } from '../../src/sysflow/trace-record.js';
import { anyRecord, exec } from './support/sample-records.js';

const decoder = new DecoderFactory().newest();

function decode(packet: Uint8Array): { status: DecodeStatus; records: TraceRecord[] } {
  const batch = new RecordBatch();
  const status = decoder.decodePacket(packet, batch);
  return { status, records: Array.from({ length: batch.length }, (_, row) => recordAt(batch, row)) };
}

test('any record survives a packet', () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      assert.deepEqual(decode(encodePacket(record)), { status: DecodeStatus.ok, records: [record] });
    }),
    { numRuns: 500, includeErrorInReport: true },
  );
});

test('a truncated or too long packet is reported and left out', () => {
  fc.assert(
    fc.property(anyRecord, fc.nat(), (record, at) => {
      const packet = encodePacket(record);
      const cut = decode(packet.subarray(0, at % packet.length));
      assert.deepEqual(cut, { status: DecodeStatus.truncated, records: [] });
      const longer = decode(Buffer.concat([packet, Buffer.alloc(1)]));
      assert.deepEqual(longer, { status: DecodeStatus.trailing, records: [] });
    }),
    { includeErrorInReport: true },
  );
});

test('packets fill a batch one after the other, whatever stands between', () => {
  const batch = new RecordBatch();
  const broken = Buffer.concat([encodePacket(exec(1)), Buffer.alloc(1)]);
  for (let i = 0; i < 10; i++) {
    assert.equal(decoder.decodePacket(encodePacket(exec(i)), batch), DecodeStatus.ok);
    assert.equal(decoder.decodePacket(broken, batch), DecodeStatus.trailing);
    assert.equal(decoder.decodePacket(broken.subarray(0, 5), batch), DecodeStatus.truncated);
  }
  assert.equal(batch.length, 10);
  for (let i = 0; i < 10; i++) assert.deepEqual(recordAt(batch, i), exec(i));
});

test('the newline and NULs at the end of a message are the socket form, not the message', () => {
  const event = { kind: 'k8sEvent', ts: 1n, component: 'K8S_PODS', action: 'K8S_COMPONENT_ADDED' } as const;
  for (const [message, read] of [
    ['{}\n\0', '{}'],
    ['{}\0\0', '{}'],
    ['{}\n', '{}'],
    ['{}\n\n', '{}\n'],
    ['{}\0\n', '{}\0'],
    ['', ''],
  ] as const) {
    assert.deepEqual(decode(encodePacket({ ...event, message })).records, [{ ...event, message: read }]);
  }
});

test('lengths, counts, branches and symbols out of range have different statuses', () => {
  const limits = { ...DEFAULT_LIMITS, stringBytes: 100, items: 3 };
  const strict = new DecoderFactory(new StringInterner(), limits).newest();
  const status = (packet: Uint8Array): number => strict.decodePacket(packet, new RecordBatch());
  const event = (args: string[]): Buffer =>
    encodePacket({ ...(exec(1) as TraceRecord & { kind: 'processEvent' }), args });
  assert.equal(status(event(['x'.repeat(100)])), DecodeStatus.ok);
  assert.equal(status(event(['x'.repeat(101)])), DecodeStatus.length);
  assert.equal(status(event(['a', 'b', 'c'])), DecodeStatus.ok);
  assert.equal(status(event(['a', 'b', 'c', 'd'])), DecodeStatus.count);
  assert.equal(status(Buffer.from([24])), DecodeStatus.branch);
  assert.equal(status(Buffer.from([1])), DecodeStatus.branch);
  // A header: version, then a name of length -1.
  assert.equal(status(Buffer.from([0, 10, 1, 0, 0, 0])), DecodeStatus.length);
  // A container of four empty names and the eleventh of ten types.
  assert.equal(status(Buffer.from([2, 0, 0, 0, 0, 20, 0, 0])), DecodeStatus.symbol);
  // A network event whose operations exceed 32 bits, and one with a timestamp of 11 bytes.
  assert.equal(
    status(Buffer.from([16, 0, 0, 0, 0, 0x80, 0x80, 0x80, 0x80, 0x7f, 0, 0, 0, 0, 0, 0])),
    DecodeStatus.intRange,
  );
  assert.equal(status(Buffer.from([16, ...new Array(10).fill(0x80), 0, 0, 0, 0])), DecodeStatus.varint);
});

test('a message of NULs takes no longer than any other', () => {
  const message = `${'\0'.repeat(1 << 20)}.`;
  const event = { kind: 'k8sEvent', ts: 1n, component: 'K8S_PODS', action: 'K8S_COMPONENT_ADDED', message } as const;
  const start = performance.now();
  assert.deepEqual(decode(encodePacket(event)).records, [event]);
  assert.ok(performance.now() - start < 1000);
});
