import { firstOf, parseAddress, parseNetwork } from '../../../sysflow/ipv4-network.js';
import { joinPredicates, type Predicates, pushPredicates } from './predicates-of-literal.js';

/** Finds which of many networks contain an address. It keeps one hash table per prefix length, at most 33. */
export class NetworkIndex {
  readonly #tables = new Map<number, Map<number, Predicates>>();

  constructor(literals: ReadonlyMap<string, Predicates>) {
    for (const [literal, predicates] of literals) {
      const network = parseNetwork(literal);
      if (network !== null)
        for (const predicate of [predicates].flat()) this.#add(network.first, network.bits, predicate);
    }
  }

  /** Appends the predicates of all networks that contain the address. */
  find(text: string, found: number[]): void {
    const address = parseAddress(text);
    if (address === null) return;
    for (const [bits, networks] of this.#tables) pushPredicates(found, networks.get(firstOf(address, bits)));
  }

  #add(first: number, bits: number, predicate: number): void {
    let networks = this.#tables.get(bits);
    if (networks === undefined) {
      networks = new Map();
      this.#tables.set(bits, networks);
    }
    networks.set(first, joinPredicates(networks.get(first), predicate));
  }
}
