import type { TextOperator } from './operator.js';

/** `a endswith b`; case-sensitive. */
export const endsWith: TextOperator = {
  kind: 'text',
  name: 'endswith',
  negated: false,
  index: 'suffix',
  interpret: (text, operand) => text.endsWith(operand),
  compile: (operand) => (text) => text.endsWith(operand),
  describe: (operands) => `ends with ${operands}`,
};
