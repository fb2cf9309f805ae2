import type { TextOperator } from './operator.js';

/** `a = b`: the texts are equal. Numbers are compared as decimal text, exactly, so `01000` is not equal to `1000`. */
export const equal: TextOperator = {
  kind: 'text',
  name: '=',
  negated: false,
  index: 'whole',
  interpret: (text, operand) => text === operand,
  compile: (operand) => (text) => text === operand,
  describe: (operands) => `is ${operands}`,
};
