import type { TextOperator } from './operator.js';

/** `a in (b, c)`: the same text as any item. */
export const isIn: TextOperator = {
  kind: 'text',
  name: 'in',
  negated: false,
  index: 'whole',
  interpret: (text, operand) => text === operand,
  compile: (operand) => (text) => text === operand,
  describe: (operands) => `is one of ${operands}`,
};
