import type { TextOperator } from './operator.js';

/** `a != b`: not `a = b`; of a value with several texts, none is the same. */
export const unequal: TextOperator = {
  kind: 'text',
  name: '!=',
  negated: true,
  index: 'whole',
  interpret: (text, operand) => text === operand,
  compile: (operand) => (text) => text === operand,
  describe: (operands) => `is not ${operands}`,
};
