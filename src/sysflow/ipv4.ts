/**
 * The dotted form of an IPv4 address as SysFlow holds it: an integer in network byte order on a little-endian machine, so
 * the first octet stands in the lowest byte.
 */
export function formatIpv4(address: number): string {
  return `${address & 255}.${(address >>> 8) & 255}.${(address >>> 16) & 255}.${address >>> 24}`;
}
