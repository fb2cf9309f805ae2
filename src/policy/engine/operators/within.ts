import { firstOf, type Ipv4Network, parseAddress, parseNetwork } from '../../../sysflow/ipv4-network.js';
import type { TextOperator } from './operator.js';

/**
 * Whether an address is in a network. This is the meaning of `=` and `in` for attributes such as `fd.snet`; the
 * operator has no keyword of its own.
 */
export const within: TextOperator = {
  kind: 'text',
  name: 'within',
  negated: false,
  index: 'network',
  interpret: (text, operand) => liesIn(text, parseNetwork(operand)),
  compile: (operand) => {
    const network = parseNetwork(operand);
    return (text) => liesIn(text, network);
  },
  describe: (operands) => `is in ${operands}`,
};

function liesIn(text: string, network: Ipv4Network | null): boolean {
  const address = parseAddress(text);
  return network !== null && address !== null && firstOf(address, network.bits) === network.first;
}
