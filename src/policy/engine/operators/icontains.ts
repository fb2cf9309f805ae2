import { foldCase } from '../fold-case.js';
import type { TextOperator } from './operator.js';

/** `a icontains b`; case-insensitive. */
export const icontains: TextOperator = {
  kind: 'text',
  name: 'icontains',
  negated: false,
  index: 'folded-substring',
  interpret: (text, operand) => foldCase(text).includes(foldCase(operand)),
  compile: (operand) => {
    const folded = foldCase(operand);
    return (text) => foldCase(text).includes(folded);
  },
  describe: (operands) => `contains ${operands} in any case`,
};
