/** ICMP types and their counterparts. A message without one is one-way. Source: the Community ID specification. */
const ICMP_COUNTERPARTS: ReadonlyMap<number, number> = new Map([
  [0, 8],
  [8, 0],
  [9, 10],
  [10, 9],
  [13, 14],
  [14, 13],
  [15, 16],
  [16, 15],
  [17, 18],
  [18, 17],
]);

const ICMP = 1;
const tuple = Buffer.alloc(16);

/**
 * Returns the Community ID (version 1, seed 0) of a flow. It is the same for both directions of a connection.
 *
 * @param sip, dip IPv4 addresses, first octet in the lowest byte
 * @param proto IANA protocol number; for ICMP the ports are type and code
 */
export function communityId(sip: number, sport: number, dip: number, dport: number, proto: number): string {
  let [fromPort, toPort] = [sport & 0xffff, dport & 0xffff];
  let oneWay = false;
  if (proto === ICMP) {
    const counterpart = ICMP_COUNTERPARTS.get(fromPort);
    if (counterpart === undefined) oneWay = true;
    else toPort = counterpart;
  }
  tuple.writeUInt16BE(0, 0);
  const ordered = oneWay || isOrdered(sip, fromPort, dip, toPort);
  tuple.writeInt32LE(ordered ? sip : dip, 2);
  tuple.writeInt32LE(ordered ? dip : sip, 6);
  tuple[10] = proto & 0xff;
  tuple[11] = 0;
  tuple.writeUInt16BE(ordered ? fromPort : toPort, 12);
  tuple.writeUInt16BE(ordered ? toPort : fromPort, 14);
  // Loaded on demand, since loading takes 5 % of the start-up time and most runs write no Community ID.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return `1:${createHash('sha1').update(tuple).digest('base64')}`;
}

/** Whether the source is the smaller endpoint, comparing addresses first, as bytes in network order. */
function isOrdered(sip: number, sport: number, dip: number, dport: number): boolean {
  const [source, destination] = [swapBytes(sip), swapBytes(dip)];
  return source < destination || (source === destination && sport < dport);
}

function swapBytes(ip: number): number {
  return (((ip & 0xff) << 24) | ((ip & 0xff00) << 8) | ((ip >>> 8) & 0xff00) | (ip >>> 24)) >>> 0;
}
