import assert from 'node:assert/strict';
import type { Diagnostic } from '../../../../../src/diagnostics/diagnostic.js';
import { type LoadedPolicies, loadPolicyTexts } from '../../../../../src/policy/load-policies.js';
import type { ConditionNode, Place, Policy } from '../../../../../src/policy/model/policy.js';

/** A line that says nothing: blanks and comments. */
const EMPTY = /^\s*(#|$)/;

/**
 * Loads a text, and checks what must hold for any: it ends without an exception, it loads something or says where it does
 * not, and all places are in the text.
 */
export async function checkText(text: string): Promise<LoadedPolicies> {
  const loaded = await loadPolicyTexts([{ path: 'fuzz.yaml', text }], { analyze: true });
  const { policy, diagnostics, macros, lists } = loaded;
  const found = policy.rules.length + policy.filters.length + macros + lists;
  const told = diagnostics.some(({ range }) => range !== null);
  assert.ok(
    found > 0 || told || text.split('\n').every((line) => EMPTY.test(line)) || /required_engine_version/.test(text),
    'it loads nothing and says nothing',
  );
  for (const diagnostic of diagnostics) checkDiagnostic(diagnostic, text);
  checkPlaces(policy, text);
  return loaded;
}

function checkDiagnostic({ source, range, message }: Diagnostic, text: string): void {
  assert.equal(source?.text, text);
  assert.ok(range !== null, `no place: ${message}`);
  assert.ok(
    range.start >= 0 && range.start <= range.end && range.end <= text.length,
    `${message}: ${range.start}–${range.end}`,
  );
  assert.ok(message !== '' && !message.includes('undefined') && !message.includes('[object'), message);
}

function checkPlaces(policy: Policy, text: string): void {
  const seen = new Set<ConditionNode>();
  const checkPlace = ({ source, range: { start, end } }: Place): void => {
    assert.equal(source.text, text);
    assert.ok(start >= 0 && start < end && end <= text.length, `a place is ${start}–${end}`);
  };
  const check = (node: ConditionNode): void => {
    checkPlace(node.place);
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === 'and' || node.kind === 'or') for (const item of node.items) check(item);
    else if (node.kind === 'not') check(node.item);
    else if (node.kind === 'macro') check(node.body);
    else if (node.kind === 'test') for (const value of [node.left, ...node.right]) checkPlace(value.place);
  };
  for (const { condition, place } of [...policy.rules, ...policy.filters]) {
    checkPlace(place);
    check(condition);
  }
}
