/** An IPv4 network: all addresses with the same prefix. */
export interface Ipv4Network {
  /** The first address, as an unsigned 32-bit number, first octet highest. */
  readonly first: number;
  /** Length of the prefix in bits. */
  readonly bits: number;
}

const ADDRESS = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/;

/**
 * Parses a network such as `10.0.0.0/8`, or a single address; returns null if the text is neither. Bits after the
 * prefix are ignored.
 */
export function parseNetwork(text: string): Ipv4Network | null {
  const match = ADDRESS.exec(text);
  if (match === null) return null;
  const octets = match.slice(1, 5).map(Number);
  const bits = match[5] === undefined ? 32 : Number(match[5]);
  if (bits > 32 || octets.some((octet) => octet > 255)) return null;
  const address = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return { first: firstOf(address, bits), bits };
}

/** Returns the first address of an address's network. */
export function firstOf(address: number, bits: number): number {
  // JavaScript shifts by 32 as by 0.
  return bits === 0 ? 0 : ((address >>> (32 - bits)) << (32 - bits)) >>> 0;
}

/** Parses an address as in {@link Ipv4Network}; returns null if the text is not an address. */
export function parseAddress(text: string): number | null {
  const network = parseNetwork(text);
  return network === null || network.bits < 32 ? null : network.first;
}
