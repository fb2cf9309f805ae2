/**
 * Evaluates a condition directly on a record. It is the reference for the compiled engine and also serves `explain`,
 * which evaluates one condition on one record.
 */
import type { FlatRecord } from '../../records/flat-record.js';
import type { ConditionNode, TestNode } from '../model/policy.js';
import { OPERATORS } from './operators/table.js';
import { isPresent, readIntegers, readTexts } from './values.js';

/** Whether a condition holds for a record. */
export function evaluateCondition(node: ConditionNode, record: FlatRecord): boolean {
  switch (node.kind) {
    case 'and':
      return node.items.every((item) => evaluateCondition(item, record));
    case 'or':
      return node.items.some((item) => evaluateCondition(item, record));
    case 'not':
      return !evaluateCondition(node.item, record);
    case 'macro':
      return evaluateCondition(node.body, record);
    case 'const':
      return node.value;
    case 'test':
      return evaluateTest(node, record);
  }
}

/** Whether a single test holds for a record; null stands for a record to which no attribute applies. */
export function evaluateTest(node: TestNode, record: FlatRecord | null): boolean {
  const operator = OPERATORS[node.operator];
  switch (operator.kind) {
    case 'presence':
      return operator.interpret(isPresent(node.left, record));
    case 'order': {
      const left = readIntegers(node.left, record);
      const right = node.right.flatMap((value) => readIntegers(value, record));
      return left.some((a) => right.some((b) => operator.interpret(a, b)));
    }
    case 'text': {
      const left = readTexts(node.left, record);
      const right = node.right.flatMap((value) => readTexts(value, record));
      return left.some((a) => right.some((b) => operator.interpret(a, b))) !== operator.negated;
    }
  }
}
