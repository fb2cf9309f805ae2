import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RuleLanguage } from '../../src/policy/languages/language.js';
import { LANGUAGES } from '../../src/policy/languages/table.js';
import { loadPolicyTexts } from '../../src/policy/load-policies.js';

const rule = (name: string): string => `- rule: ${name}\n  desc: d\n  condition: sf.type = PE\n`;

/** A language whose texts begin with `upper` and hold what another one reads, but for the case of names. */
const upper: RuleLanguage = {
  ...LANGUAGES.at(-1)!,
  name: 'upper',
  claims: ({ text }) => text.startsWith('# upper\n'),
  load: async (sources, options) => {
    const loaded = await LANGUAGES.at(-1)!.load(sources, options);
    const rules = loaded.policy.rules.map((one) => ({ ...one, name: one.name.toUpperCase() }));
    return { ...loaded, policy: { ...loaded.policy, rules } };
  },
};

test('another language of rules needs a line in the table, and rules keep the order of their files', async () => {
  const texts = [rule('a'), `# upper\n${rule('b')}`, rule('c')];
  const sources = texts.map((text, i) => ({ path: `${i}.yaml`, text }));
  const { policy, diagnostics } = await loadPolicyTexts(sources, {}, [upper, ...LANGUAGES]);
  assert.deepEqual(
    policy.rules.map(({ name }) => name),
    ['a', 'B', 'c'],
  );
  assert.deepEqual(diagnostics, []);
});

test('the last language claims every text, and names differ', () => {
  for (const text of ['', 'x', '\0']) assert.ok(LANGUAGES.at(-1)!.claims({ path: 'x', text }));
  assert.equal(new Set(LANGUAGES.map(({ name }) => name)).size, LANGUAGES.length);
});
