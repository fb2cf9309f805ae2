import type { TextOperator } from './operator.js';

/** `a = b`: the same text. Numbers are compared as decimal text, so `01000` is not `1000`, and all 64 bits count. */
export const equal: TextOperator = {
  kind: 'text',
  name: '=',
  negated: false,
  index: 'whole',
  interpret: (text, operand) => text === operand,
  compile: (operand) => (text) => text === operand,
  describe: (operands) => `is ${operands}`,
};
