/**
 * Paths of unix sockets as the collector writes them: the kernel addresses of both ends, then the path,
 * `ffff9ce02054c800->ffff9ce02054c000 /run/x.sock`. Source: sf-processor's symlink attributes, which also support a
 * form with an escaped `>`.
 */
const LINKED = /^\s*([0-9a-fA-F]{1,16})(->|-\\u)([0-9a-fA-F]{1,16})\s+(\S.*)$/s;

export interface LinkedPath {
  /** The path without the addresses. */
  readonly path: string;
  /** `from->to`; empty for an ordinary path. */
  readonly link: string;
}

/** Splits a path into addresses and path. */
export function splitLinkedPath(path: string): LinkedPath {
  // Nearly all paths start with a slash, and none of these has addresses.
  const match = path.charCodeAt(0) === 47 ? null : LINKED.exec(path);
  if (match === null) return { path, link: '' };
  return { path: match[4]!, link: `${hex(match[1]!)}${match[2]}${hex(match[3]!)}` };
}

/** Lower case, no leading zeros: the format in which Go prints the number. */
function hex(digits: string): string {
  return BigInt(`0x${digits}`).toString(16);
}
