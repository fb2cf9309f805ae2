import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AcceleratedLines } from '../../../src/accel/json/accelerated-lines.js';
import { MemoryPool } from '../../../src/accel/wasm/memory.js';
import { ByteBuffer } from '../../../src/exporter/byte-buffer.js';
import { EncodedLines } from '../../../src/exporter/encoded-lines.js';
import type { Encoder } from '../../../src/exporter/encoder.js';
import { createEcsEncoder } from '../../../src/exporter/encoders/ecs.js';
import { FragmentEncoder } from '../../../src/exporter/encoders/fragments.js';
import { createJsonEncoder } from '../../../src/exporter/encoders/json.js';
import { boundary, event, fragment, int, ipv4, type Token, text } from '../../../src/exporter/encoders/tokens.js';
import type { FlatBatch } from '../../../src/records/flat-batch.js';
import type { FlatRecord } from '../../../src/records/flat-record.js';
import { NO_FINDINGS, type RecordContext } from '../../../src/records/record-context.js';
import type { File } from '../../../src/sysflow/entities.js';
import { formatIpv4 } from '../../../src/sysflow/ipv4.js';
import { OpFlag } from '../../../src/sysflow/op-flags.js';
import type { BatchMemory } from '../../../src/sysflow/record-batch.js';
import { type RecordBatch, SLOT_FD, SLOT_SIP, SLOT_TS } from '../../../src/sysflow/record-batch.js';
import { RecordKind } from '../../../src/sysflow/record-types.js';
import {
  BatchBuilder,
  type EventFields,
  flatten,
  makeFile,
  makeProcess,
  readAll,
  recordsOf as viewsOf,
} from '../../support/records.js';

function line(encoder: Encoder, record: FlatRecord): string {
  const out = new ByteBuffer(0);
  encoder.encode(record, out);
  return out.bytes.toString('utf8', 0, out.length);
}

/** Tokens of every kind and source, and what they must give. */
const actorText = (record: FlatRecord): string => `<${record.actor.process?.args ?? ''}>`;
const fileText = (record: FlatRecord): string => `{${record.file?.path ?? ''}}`;
const newFileText = (record: FlatRecord): string => `[${record.newFile?.path ?? ''}]`;
const actor = fragment('actor', (record, out) => out.appendText(actorText(record)));
const file = fragment('file', (record, out) => out.appendText(fileText(record)));
const newFile = fragment('newfile', (record, out) => out.appendText(newFileText(record)));
const opFlags = fragment('signature', (record, out) => out.appendText(`o${record.opFlags}`));
const openFlags = fragment('openflags', (record, out) => out.appendText(`f${record.openFlags}`));
const descriptor = event((record, out) => out.appendText(`d${record.fd}`));

const context = fragment('context', (record, out) => {
  if (record.context !== null) out.appendText(contextText(record.context));
});
const contextText = ({ tags }: RecordContext): string => tags.join();

function tokensOf(kind: string): Token[] {
  const start = [text(`${kind}é`), boundary, actor, boundary, opFlags, text('!'), int(SLOT_TS, true), file, openFlags];
  const end = [descriptor, ipv4(SLOT_SIP), context, text('$')];
  return [...start, text('-'), int(SLOT_FD, false), newFile, actor, text('.'), ...end];
}

/** The same, but the text of the event alone, which WebAssembly cannot write. */
function plainTokensOf(kind: string): Token[] {
  return tokensOf(kind).flatMap((token) => (token === descriptor ? [text('d'), int(SLOT_FD, false)] : [token]));
}

function expectedLine(kind: string, record: FlatRecord): string {
  const { fd } = record;
  const start = `${kind}é${actorText(record)}o${record.opFlags}!${record.ts}${fileText(record)}f${record.openFlags}`;
  const sip = formatIpv4(record.slots[record.base + SLOT_SIP]!);
  const noted = record.context === null ? '' : contextText(record.context);
  return `${start}-${fd}${newFileText(record)}${actorText(record)}.d${fd}${sip}${noted}$`;
}

const PLANS: ReadonlyMap<number, readonly Token[]> = new Map([
  [RecordKind.fileFlow, tokensOf('FF')],
  [RecordKind.fileEvent, tokensOf('FE')],
]);

/** Few texts, short and long: entities are announced again with the same one and with others. */
const name = fc.constantFrom('', 'a', '/b/c', 'é😀', '/d'.repeat(20), '/e'.repeat(60));

/** An announcement of one of few entities, or an event of them. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('process' as const), number: fc.nat(3), name }),
  fc.record({ kind: fc.constant('file' as const), number: fc.nat(3), name, state: fc.nat(2), type: fc.nat(1) }),
  fc.record({
    kind: fc.constantFrom('flow' as const, 'event' as const),
    process: fc.nat(3),
    file: fc.option(fc.nat(3)),
    newFile: fc.option(fc.nat(3)),
    opFlags: fc.integer(),
    openFlags: fc.oneof(fc.constantFrom(0, 1, 2, 3, 4, 5), fc.integer()),
    ts: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fd: fc.oneof(fc.integer(), fc.nat(12)),
    sip: fc.ipV4(),
  }),
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The records of some steps, in two traces, so that entities are also announced anew. */
function recordsOf(steps: readonly Step[]): FlatRecord[] {
  return readAll(batchesOf(steps)).records;
}

function batchesOf(steps: readonly Step[], memory: BatchMemory | null = null): RecordBatch[] {
  const id = (number: number) => ({ createTs: BigInt(number + 1), pid: BigInt(number + 1) });
  const half = Math.floor(steps.length / 2);
  return [steps.slice(0, half), steps.slice(half)].map((part) => {
    const builder = new BatchBuilder(memory).header();
    for (const one of part) {
      if (one.kind === 'process') builder.process(makeProcess(id(one.number), { args: one.name }));
      else if (one.kind === 'file')
        builder.file(makeFile(`a${one.number}`, { path: one.name, state: one.state, resourceType: 0x66 + one.type }));
      else {
        const fields: EventFields = {
          process: id(one.process),
          opFlags: one.opFlags,
          openFlags: one.kind === 'flow' ? one.openFlags : 0,
          ts: one.ts,
          fd: one.fd,
          sip: one.sip,
          ...(one.file === null ? {} : { file: makeFile(`a${one.file}`) }),
          ...(one.newFile === null ? {} : { newFile: makeFile(`a${one.newFile}`) }),
        };
        builder.event(one.kind === 'flow' ? RecordKind.fileFlow : RecordKind.fileEvent, fields);
      }
    }
    return builder.batch;
  });
}

test('cached bytes are never used for another entity, however small the cache', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 200, size: 'max' }),
      fc.constantFrom(0, 50, 200, 900, 2500),
      (steps, maxCachedBytes) => {
        const encoder = new FragmentEncoder(PLANS, { maxCachedBytes });
        for (const record of recordsOf(steps)) {
          assert.equal(line(encoder, record), expectedLine(record.type, record));
        }
      },
    ),
    { numRuns: 300 },
  );
});

/** Lines that WebAssembly writes, for batches in one memory. */
class Lines {
  /** Records that the encoder had to do. */
  singly = 0;
  readonly #lines: AcceleratedLines;

  constructor(encoder: FragmentEncoder) {
    const plain = new EncodedLines(encoder, () => assert.fail('too large'));
    const { writeRow } = plain;
    plain.writeRow = (...args) => {
      this.singly++;
      writeRow.apply(plain, args);
    };
    this.#lines = new AcceleratedLines(encoder.plan, plain);
  }

  /** What is written of a batch to a buffer that is emptied when it is half full. */
  write(flat: FlatBatch, out: ByteBuffer): string {
    let written = '';
    for (let i = 0; i < flat.count; ) {
      i = this.#lines.write(flat, i, flat.count, out, out.bytes.length >> 1);
      written += out.bytes.toString('utf8', 0, out.length);
      out.clear();
    }
    return written;
  }
}

const PLAIN_PLANS: ReadonlyMap<number, readonly Token[]> = new Map([
  [RecordKind.fileFlow, plainTokensOf('FF')],
  [RecordKind.fileEvent, plainTokensOf('FE')],
]);

const CONTEXTS: readonly (RecordContext | null)[] = [null, null, 'a', 'é'.repeat(70), ''].map((tag) =>
  tag === null ? null : { rules: [], tags: [tag], findings: NO_FINDINGS },
);

/** The batch with contexts for some of its rows, and without some of them. */
function select(flat: FlatBatch, choices: readonly number[]): FlatBatch {
  const contexts = new Array<RecordContext | null>(flat.records.kinds.length).fill(null);
  const rows = Int32Array.from(flat.rows.subarray(0, flat.count)).filter((row) => choices[row % choices.length] !== 5);
  for (const row of rows) contexts[row] = CONTEXTS[choices[row % choices.length]!]!;
  return flat.select(rows, rows.length, contexts);
}

test('WebAssembly puts together what JavaScript writes, however little is kept and however little room there is', () => {
  const memories = new MemoryPool(1);
  const [least, some, most] = [0, 2000, 1 << 20].map(
    (maxCachedBytes) => new FragmentEncoder(PLAIN_PLANS, { maxCachedBytes }),
  );
  const lines = new Map([least!, some!, most!].map((encoder) => [encoder, new Lines(encoder)]));
  const [narrow, wide] = [300, 1 << 16].map((room) => new ByteBuffer(room));
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 200, size: 'max' }),
      fc.constantFrom(least!, some!, most!),
      fc.constantFrom(narrow!, wide!),
      fc.array(fc.nat(5), { minLength: 1, maxLength: 7 }),
      (steps, encoder, out, choices) => {
        // Each run is another stream, for which an encoder has nothing kept.
        const memory = memories.open()!;
        const its = lines.get(encoder)!;
        const before = its.singly;
        const { flats } = flatten(batchesOf(steps, memory), { rateLimit: null });
        for (const flat of flats.flatMap((one) => [one, select(one, choices), one])) {
          const expected = viewsOf(flat).map((record) => `${expectedLine(record.type, record)}\n`);
          assert.equal(its.write(flat, out), expected.join(''));
        }
        // With room for all, nothing is left to JavaScript.
        if (encoder === most && out === wide) assert.equal(its.singly, before);
        memories.close(memory, true);
      },
    ),
    { numRuns: 100 },
  );
});

test('WebAssembly writes numbers of every length as JavaScript does', () => {
  const memory = new MemoryPool(1).open()!;
  const tokens = [int(SLOT_TS, true), text('|'), int(SLOT_FD, false), text('|'), ipv4(SLOT_SIP)];
  const lines = new Lines(new FragmentEncoder(new Map([[RecordKind.fileFlow, tokens]])));
  const near = (value: bigint): bigint[] => [value - 1n, value, value + 1n];
  const powers = Array.from({ length: 19 }, (_, i) => 10n ** BigInt(i)).flatMap(near);
  const edges = [31n, 32n, 53n, 63n].flatMap((bits) => near(2n ** bits)).filter((value) => value < 2n ** 63n);
  const values = [...powers, ...edges].flatMap((value) => [value, -value]).concat(-(2n ** 63n), 2n ** 63n - 1n);
  for (let start = 0; start < values.length; start += 1000) {
    const builder = new BatchBuilder(memory);
    const some = values.slice(start, start + 1000);
    for (const [i, ts] of some.entries()) {
      builder.event(RecordKind.fileFlow, { ts, fd: Number(BigInt.asIntN(32, ts)), sip: `${i % 256}.9.99.255` });
    }
    const { flats } = flatten([builder.batch], { rateLimit: null });
    const expected = some.map((ts, i) => `${ts}|${BigInt.asIntN(32, ts)}|${i % 256}.9.99.255\n`);
    assert.equal(lines.write(flats[0]!, new ByteBuffer(1 << 17)), expected.join(''));
    assert.equal(lines.singly, 0);
  }
});

test('an encoder that has seen other records gives the same bytes as a new one', () => {
  const encoders = [createJsonEncoder, () => createEcsEncoder('1')].map((create) => ({ create, used: create() }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      for (const record of recordsOf(steps)) {
        for (const { create, used } of encoders) assert.equal(line(used, record), line(create(), record));
      }
    }),
    { numRuns: 30 },
  );
});

test('a file that is announced again in the next trace is written as it is now, whatever field has changed', () => {
  const changes: readonly Partial<File>[] = [
    {},
    { path: '/b' },
    { state: 1 },
    { state: 2 },
    { resourceType: 'd'.charCodeAt(0) },
    { containerId: 'c0ffee' },
  ];
  for (const create of [createJsonEncoder, () => createEcsEncoder('1')]) {
    const used = create();
    const batches = changes.map((fields) => {
      const announced = makeFile('ab', fields);
      const both = { file: announced, newFile: announced, opFlags: OpFlag.rename };
      const builder = new BatchBuilder().header().file(announced).event(RecordKind.fileFlow, { file: announced });
      return builder.event(RecordKind.fileEvent, both).event(RecordKind.fileEvent, both).batch;
    });
    for (const record of readAll(batches).records) assert.equal(line(used, record), line(create(), record));
  }
});

test('a record can be larger than the cache, which is then reset between its pieces', () => {
  const process = { createTs: 1n, pid: 1n };
  const builder = new BatchBuilder().process(makeProcess(process, { args: 'x'.repeat(100_000) }));
  for (let i = 0; i < 50; i++) {
    const announced = makeFile(`a${i % 7}`, { path: `/${i % 7}/${'y'.repeat(30 * (i % 13))}` });
    builder.file(announced).event(RecordKind.fileFlow, { process, file: announced, fd: i });
  }
  for (const maxCachedBytes of [100, 1000, 10_000]) {
    const encoder = new FragmentEncoder(PLANS, { maxCachedBytes });
    for (const record of readAll([builder.batch]).records) {
      assert.equal(line(encoder, record), expectedLine('FF', record));
    }
  }
});

test('values of flags that never came by before are written, more of them than are kept', () => {
  const announced = makeFile('ab');
  const encoder = new FragmentEncoder(PLANS);
  const flags = [0, -1, 1 << 31, 0x7fffffff, ...Array.from({ length: 4200 }, (_value, i) => i * 7)];
  for (let start = 0; start < flags.length; start += 500) {
    const builder = new BatchBuilder().file(announced);
    for (const value of flags.slice(start, start + 500)) {
      builder.event(RecordKind.fileFlow, { file: announced, opFlags: value, openFlags: ~value });
    }
    for (const record of readAll([builder.batch]).records) {
      assert.equal(line(encoder, record), expectedLine('FF', record));
    }
  }
});

test('a fragment that may not be kept for a record is written anew', () => {
  const named = fragment(
    'file',
    (record, out) => out.appendText(record.file!.path || `fd ${record.fd}`),
    (record) => record.file!.path !== '',
  );
  const encoder = new FragmentEncoder(new Map([[RecordKind.fileFlow, [text('('), named, text(')')]]]));
  const nameless = makeFile('1', { path: '' });
  const known = makeFile('2', { path: '/a' });
  const builder = new BatchBuilder().file(nameless).file(known);
  for (const [one, fd] of [
    [nameless, 1],
    [nameless, 2],
    [known, 3],
    [known, 4],
  ] as const) {
    builder.event(RecordKind.fileFlow, { file: one, fd });
  }
  assert.deepEqual(
    readAll([builder.batch]).records.map((record) => line(encoder, record)),
    ['(fd 1)', '(fd 2)', '(/a)', '(/a)'],
  );
});

test('kinds of records without tokens give no bytes', () => {
  const { records } = readAll([new BatchBuilder().event(RecordKind.processEvent, {}).batch]);
  assert.equal(line(new FragmentEncoder(PLANS), records[0]!), '');
});

test('constant text is text whatever it looks like', () => {
  const hostile = '`$\x7bprocess.exit(1)}`\'"\\\n*/ \u2028é😀';
  const encoder = new FragmentEncoder(new Map([[RecordKind.processEvent, [text(hostile), int(SLOT_TS, true)]]]));
  const { records } = readAll([new BatchBuilder().event(RecordKind.processEvent, { ts: 5n }).batch]);
  assert.equal(line(encoder, records[0]!), `${hostile}5`);
  const short = new FragmentEncoder(new Map([[RecordKind.processEvent, [text('a')]]]));
  assert.equal(line(short, records[0]!), 'a');
});
