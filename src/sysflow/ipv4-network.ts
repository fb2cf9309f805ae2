/** An IPv4 network: the addresses that begin with the bits of another. */
export interface Ipv4Network {
  /** The first address, as a number of 32 bits without sign, first octet highest. */
  readonly first: number;
  /** How many bits all its addresses begin with. */
  readonly bits: number;
}

const ADDRESS = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/;

/** The network of `10.0.0.0/8`, or of one address; null for what is none. Bits behind the prefix count for nothing. */
export function parseNetwork(text: string): Ipv4Network | null {
  const match = ADDRESS.exec(text);
  if (match === null) return null;
  const octets = match.slice(1, 5).map(Number);
  const bits = match[5] === undefined ? 32 : Number(match[5]);
  if (bits > 32 || octets.some((octet) => octet > 255)) return null;
  const address = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return { first: firstOf(address, bits), bits };
}

/** The first address of the network of an address. */
export function firstOf(address: number, bits: number): number {
  // A shift by 32 is none.
  return bits === 0 ? 0 : ((address >>> (32 - bits)) << (32 - bits)) >>> 0;
}

/** An address as {@link Ipv4Network} has it; null for what is none. */
export function parseAddress(text: string): number | null {
  const network = parseNetwork(text);
  return network === null || network.bits < 32 ? null : network.first;
}
