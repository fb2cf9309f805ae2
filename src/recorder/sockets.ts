/**
 * Parses strace's descriptions of sockets.
 *
 * With `-yy` strace shows a socket as `PROTOCOL:[inode]` before it has an address, as `TCP:[local]` when bound and as
 * `TCP:[local->remote]` when connected; unix sockets as `UNIX-STREAM:[inode->peer inode,"path"]`.
 */
import { parseIpv4 } from '../sysflow/ipv4.js';
import { type StraceValue, unescapeBytes } from './strace/values.js';
import { textOf } from './text.js';

/** An IPv4 address and port. */
export interface Endpoint {
  /** First octet in the lowest byte, as in SysFlow. */
  readonly address: number;
  readonly port: number;
}

/** The state of an internet socket, shared by all its descriptors. */
export interface SocketState {
  /** IANA protocol number; 254 for a raw socket, as in the collector's traces. */
  readonly protocol: number;
  local: Endpoint | null;
  remote: Endpoint | null;
  /**
   * Whether this end is the server: it accepted the connection, or received the first datagram. Null if unknown so far.
   */
  server: boolean | null;
  /** Whether it had an address that IPv4 cannot represent. */
  beyondIpv4: boolean;
  /** Whether it was counted as an IPv6 socket. */
  counted: boolean;
}

const PROTOCOL_ICMP = 1;
const PROTOCOL_TCP = 6;
const PROTOCOL_UDP = 17;
const PROTOCOL_RAW = 254;

const PROTOCOLS: Readonly<Record<string, number>> = {
  TCP: PROTOCOL_TCP,
  TCPv6: PROTOCOL_TCP,
  UDP: PROTOCOL_UDP,
  UDPv6: PROTOCOL_UDP,
  'UDP-Lite': PROTOCOL_UDP,
  'UDP-Litev6': PROTOCOL_UDP,
  RAW: PROTOCOL_RAW,
  RAWv6: PROTOCOL_RAW,
  PING: PROTOCOL_ICMP,
  PINGv6: PROTOCOL_ICMP,
};

/** An address that IPv4 cannot represent: IPv6, except IPv4-mapped addresses. */
export const BEYOND_IPV4 = 'beyond-ipv4';

const INTERNET = /^([A-Za-z0-9-]+):\[(.*)\]$/s;
const UNIX = /^UNIX(?:-[A-Z]+)?:\[(\d+)(?:->\d+)?(?:,(@?)"(.*)")?\]$/s;

/** Parses a dotted IPv4 address or an IPv4-mapped IPv6 address to a number; returns null for anything else. */
export function parseAddress(text: string): number | null {
  return parseIpv4(text.startsWith('::ffff:') ? text.slice(7) : text);
}

/**
 * Parses the inode and path of a unix socket. `path` is empty for an unnamed socket, and starts with `@` for an
 * abstract one.
 */
export function parseUnixTarget(target: string): { inode: string; path: string } | null {
  const match = UNIX.exec(target);
  if (match === null) return null;
  return { inode: match[1]!, path: match[3] === undefined ? '' : match[2]! + textOf(unescapeBytes(match[3])) };
}

/** Parses the target of an internet socket's descriptor; returns null for any other target. */
export function parseInternetTarget(target: string): {
  protocol: number;
  local: Endpoint | typeof BEYOND_IPV4 | null;
  remote: Endpoint | typeof BEYOND_IPV4 | null;
} | null {
  const match = INTERNET.exec(target);
  const protocol = match === null ? undefined : PROTOCOLS[match[1]!];
  if (protocol === undefined) return null;
  const [local, remote] = match![2]!.split('->', 2);
  return { protocol, local: parseEndpoint(local), remote: parseEndpoint(remote) };
}

/** Parses `10.0.0.1:80` or `[::1]:80`; returns null for an inode or an empty text. */
function parseEndpoint(text: string | undefined): Endpoint | typeof BEYOND_IPV4 | null {
  const colon = text?.lastIndexOf(':') ?? -1;
  if (text === undefined || colon === -1) return null;
  const port = Number(text.slice(colon + 1));
  if (!(port >= 0 && port <= 65535)) return null;
  const host = text.slice(0, colon).replace(/^\[|\]$/g, '');
  // A socket bound to all IPv6 addresses is also bound to all IPv4 addresses.
  const address = host === '::' ? 0 : parseAddress(host);
  return address === null ? BEYOND_IPV4 : { address, port };
}

/** Parses a socket address argument: returns an endpoint, the path of a unix socket, or null for any other. */
export function parseSockaddr(value: StraceValue | undefined): Endpoint | typeof BEYOND_IPV4 | { path: string } | null {
  if (value?.kind !== 'struct') return null;
  const path = value.fields.get('sun_path');
  if (path?.kind === 'string') return { path: (path.abstract ? '@' : '') + textOf(path.bytes) };
  const port = portOf(value.fields.get('sin_port') ?? value.fields.get('sin6_port'));
  if (port === null) return null;
  for (const item of [value.fields.get('sin_addr'), ...value.items]) {
    if (item?.kind !== 'call') continue;
    const text = item.name === 'inet_addr' ? item.args[0] : item.name === 'inet_pton' ? item.args[1] : undefined;
    if (text?.kind !== 'string') continue;
    const address = parseAddress(text.bytes);
    return address === null ? BEYOND_IPV4 : { address, port };
  }
  return null;
}

function portOf(value: StraceValue | undefined): number | null {
  if (value?.kind !== 'call' || value.name !== 'htons') return null;
  const port = value.args[0]?.kind === 'word' ? Number(value.args[0].text) : Number.NaN;
  return port >= 0 && port <= 65535 ? port : null;
}
