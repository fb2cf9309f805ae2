import type { TextOperator } from './operator.js';

/** `a contains b`; case-sensitive. */
export const contains: TextOperator = {
  kind: 'text',
  name: 'contains',
  negated: false,
  index: 'substring',
  interpret: (text, operand) => text.includes(operand),
  compile: (operand) => (text) => text.includes(operand),
  describe: (operands) => `contains ${operands}`,
};
