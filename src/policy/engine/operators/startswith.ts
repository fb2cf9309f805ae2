import type { TextOperator } from './operator.js';

/** `a startswith b`; case-sensitive. */
export const startsWith: TextOperator = {
  kind: 'text',
  name: 'startswith',
  negated: false,
  index: 'prefix',
  interpret: (text, operand) => text.startsWith(operand),
  compile: (operand) => (text) => text.startsWith(operand),
  describe: (operands) => `starts with ${operands}`,
};
