import type { TextOperator } from './operator.js';

/**
 * `a pmatch (b, c)`: contains any item; case counts. In Falco `pmatch` compares paths by their components; in SysFlow's
 * dialect it always meant this, on any attribute, and policies count on it.
 */
export const pmatch: TextOperator = {
  kind: 'text',
  name: 'pmatch',
  negated: false,
  index: 'substring',
  interpret: (text, operand) => text.includes(operand),
  compile: (operand) => (text) => text.includes(operand),
  describe: (operands) => `contains one of ${operands}`,
};
