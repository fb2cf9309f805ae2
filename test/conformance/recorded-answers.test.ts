import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OperationAnswers, rewriteAnswers } from '../../conformance/recorded-answers.js';

const FLOW = 'NF\t1\t2\tab\t';
const FILE = 'FF\t1\t2\tab\t/etc/passwd';

const answers = (record: string, recorded: boolean, right: boolean): OperationAnswers => ({
  record,
  rules: new Map([['reads', { recorded, right }]]),
});

test('an answer that the recorded names account for becomes the one with the right names', () => {
  const records = [answers(FLOW, true, false), answers(FILE, false, true)];
  assert.deepEqual(rewriteAnswers([`${FLOW}\tother|reads`, `${FILE}\tother|some`], records), [
    `${FLOW}\tother`,
    `${FILE}\tother|reads|some`,
  ]);
});

test('records come and go with their only answer', () => {
  const records = [answers(FLOW, true, false), answers(FILE, false, true)];
  assert.deepEqual(rewriteAnswers([`${FLOW}\treads`], records), [`${FILE}\treads`]);
});

test('an answer that the recorded names do not account for stays', () => {
  const records = [answers(FLOW, false, false), answers(FILE, true, true)];
  assert.deepEqual(rewriteAnswers([`${FLOW}\treads`, `${FILE}\tother`], records), [`${FLOW}\treads`, `${FILE}\tother`]);
});

test('answers of no record stay', () => {
  assert.deepEqual(rewriteAnswers([`${FILE}\tother`], [answers(FLOW, false, false)]), [`${FILE}\tother`]);
});
