import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkText } from './fuzz/check-text.js';
import { mutated, policyText } from './policy-texts.js';

test('any policy text loads or says where it does not', async () => {
  let rules = 0;
  const property = fc.asyncProperty(fc.oneof(policyText, mutated(policyText)), async (text) => {
    rules += (await checkText(text)).policy.rules.length;
  });
  await fc.assert(property, { numRuns: 600 });
  assert.ok(rules > 100, `${rules} rules loaded`);
});

test('any text at all is taken', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.stringMatching(/^[-\][(){}:'"#>|&*!%@,\n\t a-c]{0,40}$/),
  );
  await fc.assert(
    fc.asyncProperty(text, async (chosen) => {
      await checkText(chosen);
    }),
    { numRuns: 600 },
  );
});

const HOSTILE: Readonly<Record<string, string>> = {
  'quotes on one line': `- macro: m\n  condition: a = ${"'".repeat(100_001)}\n`,
  'quotes that never close': `- macro: m\n  desc: x: y\n  condition: ${'" '.repeat(50_001)}\n`,
  'brackets that never close': `- macro: m\n  condition: a${'['.repeat(100_000)}\n`,
  'lists that never close': `- list: l: m\n  items: ${'['.repeat(100_000)}\n`,
  'keys on one line': `- rule: a: b ${'desc: x condition: y '.repeat(20_000)}\n`,
  'items on one line': `- list: a: b ${'- list: a items: [b] '.repeat(20_000)}\n`,
  'a long line of blanks': `- macro: m: n\n  condition: ${' '.repeat(500_000)}a\n`,
  'a long line of commas': `- list: l: m\n  items: [${','.repeat(200_000)}]\n`,
  'a long quoted text': `- rule: "${'x '.repeat(500_000)}"\n  condition: a\n`,
  'a long quoted item': `- list: l\n  items: ['${'x '.repeat(500_000)}']\n`,
  'many empty lines': `${'\n'.repeat(500_000)}- list: l\n  items: [a]\n${'# c\n'.repeat(200_000)}`,
  'many nots': `- macro: m\n  condition: ${'not '.repeat(100_000)}a\n`,
  'a long condition': `- macro: m\n  condition: ${'sf.proc.pid = 1 or '.repeat(20_000)}sf.proc.pid = 1\n`,
  'many wrong names': `- macro: m\n  condition: ${Array.from({ length: 5000 }, (_, i) => `sf.proc.x${i} = 1`).join(' or ')}\n`,
  'many macros': Array.from({ length: 5000 }, (_, i) => `- macro: m${i}\n  condition: m${i + 1}\n`).join(''),
  'many lists': Array.from({ length: 5000 }, (_, i) => `- list: l${i}\n  items: [l${i + 1}]\n`).join(''),
  'many tabs': `- macro: m\n${'\t'.repeat(200_000)}condition: a\n`,
  'many comments': `- macro: m: n\n${'# c\n'.repeat(50_000)}  condition: a\n`,
};

test('hostile texts take no long time', async () => {
  for (const [what, text] of Object.entries(HOSTILE)) {
    const start = performance.now();
    await checkText(text);
    const took = performance.now() - start;
    assert.ok(took < 5000, `${what}: ${took.toFixed(0)} ms`);
  }
});
