import type { TextOperator } from './operator.js';

/**
 * `a pmatch (b, c)`: contains one of the items; case-sensitive. In Falco, `pmatch` compares paths by their components.
 * In SysFlow's dialect it has always meant `contains`, on any attribute, and existing policies rely on it.
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
