import { firstOf, parseAddress, parseNetwork } from '../../../sysflow/ipv4-network.js';
import { type Atoms, joinAtoms, pushAtoms } from './atoms-of-literal.js';

/** Which of many networks an address lies in: a table for each length of prefix, of which there are at most 33. */
export class NetworkIndex {
  readonly #tables = new Map<number, Map<number, Atoms>>();

  constructor(literals: ReadonlyMap<string, Atoms>) {
    for (const [literal, atoms] of literals) {
      const network = parseNetwork(literal);
      if (network !== null) for (const atom of [atoms].flat()) this.#add(network.first, network.bits, atom);
    }
  }

  /** Appends the atoms of all networks that the address lies in. */
  find(text: string, found: number[]): void {
    const address = parseAddress(text);
    if (address === null) return;
    for (const [bits, networks] of this.#tables) pushAtoms(found, networks.get(firstOf(address, bits)));
  }

  #add(first: number, bits: number, atom: number): void {
    let networks = this.#tables.get(bits);
    if (networks === undefined) {
      networks = new Map();
      this.#tables.set(bits, networks);
    }
    networks.set(first, joinAtoms(networks.get(first), atom));
  }
}
