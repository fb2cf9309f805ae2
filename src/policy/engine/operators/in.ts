import type { TextOperator } from './operator.js';

/** `a in (b, c)`: the text is equal to one of the items. */
export const isIn: TextOperator = {
  kind: 'text',
  name: 'in',
  negated: false,
  index: 'whole',
  interpret: (text, operand) => text === operand,
  compile: (operand) => (text) => text === operand,
  describe: (operands) => `is one of ${operands}`,
};
