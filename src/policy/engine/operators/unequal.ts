import type { TextOperator } from './operator.js';

/** `a != b`: the negation of `a = b`. If a value has several texts, all of them differ. */
export const unequal: TextOperator = {
  kind: 'text',
  name: '!=',
  negated: true,
  index: 'whole',
  interpret: (text, operand) => text === operand,
  compile: (operand) => (text) => text === operand,
  describe: (operands) => `is not ${operands}`,
};
