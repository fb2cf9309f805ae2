/**
 * Formats an IPv4 address as SysFlow stores it: an integer in network byte order on a little-endian machine, so the
 * first octet is in the lowest byte.
 */
export function formatIpv4(address: number): string {
  return `${address & 255}.${(address >>> 8) & 255}.${(address >>> 16) & 255}.${address >>> 24}`;
}

const DOTTED = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** Parses the dotted notation to the same integer; returns null if the text is not an address. */
export function parseIpv4(text: string): number | null {
  const octets = DOTTED.exec(text)?.slice(1).map(Number);
  if (octets === undefined || octets.some((octet) => octet > 255)) return null;
  return octets[0]! | (octets[1]! << 8) | (octets[2]! << 16) | (octets[3]! << 24);
}
