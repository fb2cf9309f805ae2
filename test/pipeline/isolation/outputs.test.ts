import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteBuffer } from '../../../src/exporter/byte-buffer.js';
import type { EncoderComponent } from '../../../src/exporter/component.js';
import { EncodedLines } from '../../../src/exporter/encoded-lines.js';
import { Guard } from '../../../src/pipeline/isolation/guard.js';
import { isolatedTransport } from '../../../src/pipeline/isolation/transport.js';
import type { RuleLanguage } from '../../../src/policy/languages/language.js';
import { loadPolicyTexts } from '../../../src/policy/load-policies.js';
import type { FlatRecord } from '../../../src/records/flat-record.js';
import { makeBatch } from '../../policy/engine/support/records.js';
import { Isolated, processorWith, SETTLE } from './support/isolated.js';

const NAME = "encoder 'e' (x.mjs)";

/** Encodes four records by a plugin; gives the lines and how many records were left out. */
function encodeFour(encode: (record: FlatRecord, out: ByteBuffer, index: number) => unknown) {
  let calls = 0;
  const plugin = new Isolated<EncoderComponent>({
    kind: 'encoder',
    name: 'e',
    summary: 's',
    options: {},
    create: () => ({ encode: (record, out) => encode(record, out, calls++) as undefined }),
  });
  const encoder = plugin.component.create({}, { color: false, sources: false, version: '0' });
  let leftOut = 0;
  const lines = new EncodedLines(encoder, (isTooLarge) => {
    assert.ok(!isTooLarge);
    leftOut++;
  });
  const out = new ByteBuffer(1000);
  lines.write(makeBatch([{}, {}, {}, {}]), 0, 4, out, 1000);
  return { text: out.written.toString(), leftOut, lines: plugin.lines, plugin };
}

test('a record whose encoder throws is left out whole, and those before and after it stay', () => {
  const { text, leftOut, lines, plugin } = encodeFour((_record, out, index) => {
    out.appendText(`r${index}`);
    if (index === 1) throw new Error('odd');
    if (index === 2) out.length = -1;
  });
  assert.equal(text, 'r0\nr3\n');
  assert.equal(leftOut, 2);
  assert.equal(lines[0], `error ${NAME}: encode threw: odd`);
  assert.ok(plugin.problems.hasFailed);
});

test('control characters and line ends in a record are escaped, so that event data cannot forge another one', () => {
  const texts = ['a\nb', 'c\u001b[2Jd\u007f', 'e\u0085f\u2028g\u00e9\u2026', 'plain'];
  const { text, leftOut, lines } = encodeFour((_record, out, index) => out.appendText(texts[index]!));
  assert.equal(text, 'a\\u000ab\nc\\u001b[2Jd\\u007f\ne\\u0085f\\u2028g\u00e9\u2026\nplain\n');
  assert.equal(leftOut, 0);
  assert.equal(lines.length, 3);
  assert.match(lines[0]!, /^warn .*: encode wrote control characters or line ends into a record/);
});

test('an encoder that gives a promise cannot append to the records of others later', async () => {
  const { text, leftOut, lines } = encodeFour(async (_record, out) => {
    await null;
    out.appendText('late');
    throw new Error('late');
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([text, leftOut], ['', 4]);
  assert.match(lines[0]!, /encode returned a promise; it must append the record before it returns/);
});

test('whatever a transport does wrong is the result not-connected, with the reason', async () => {
  const plugin = new Isolated(processorWith({}));
  const guard = new Guard("transport 't' (x.mjs)", plugin.problems);
  const answers: (() => unknown)[] = [
    () => ({ kind: 'ok' }),
    () => {
      throw new Error('thrown');
    },
    () => Promise.reject(new Error('rejected')),
    () => new Promise(() => {}),
    () => undefined,
    () => ({ kind: 'partial' }),
    () => ({ kind: 'back-off', milliseconds: 5, reason: 'busy' }),
  ];
  const transport = isolatedTransport(
    { connect: () => answers.shift()!(), send: () => ({ kind: 'ok' }), close: () => ({ kind: 'ok' }) },
    guard,
  );
  const notConnected = (what: string) => ({ kind: 'not-connected', reason: `transport 't' (x.mjs): connect ${what}` });
  const results: unknown[] = [];
  while (answers.length > 0) results.push(await transport.connect!());
  assert.deepEqual(results, [
    { kind: 'ok' },
    notConnected('failed: thrown'),
    notConnected('failed: rejected'),
    notConnected(`did not settle within ${SETTLE / 1000} s`),
    notConnected('returned no valid result'),
    notConnected('returned no valid result'),
    { kind: 'back-off', milliseconds: 5, reason: 'busy' },
  ]);
  assert.deepEqual(Object.keys(transport).sort(), ['close', 'connect', 'needs', 'send', 'target']);
});

test('a language that fails has no rules, with an error at the text', async () => {
  const languageWith = (load: () => unknown): RuleLanguage => {
    const common = { kind: 'language', name: 'l', summary: 's', options: {}, extensions: ['.l'] } as const;
    const language = { ...common, claims: () => true, load, describe: () => assert.fail() } as unknown as RuleLanguage;
    return new Isolated(language).component;
  };
  const failures: [() => unknown, string][] = [
    [() => Promise.reject(new Error('no grammar')), 'failed: no grammar'],
    [async () => ({ policy: {} }), 'returned no rules'],
    [() => new Promise(() => {}), `did not settle within ${SETTLE / 1000} s`],
  ];
  for (const [load, message] of failures) {
    const { diagnostics, policy } = await loadPolicyTexts([{ path: 'a.l', text: 'x' }], {}, [languageWith(load)]);
    assert.deepEqual(
      diagnostics.map((item) => [item.severity, item.source?.path, item.message]),
      [['error', 'a.l', `language 'l' (x.mjs): load ${message}`]],
    );
    assert.deepEqual(policy.rules, []);
  }
});
