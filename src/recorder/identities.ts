/** Names of users and groups by their ids. */
export interface Identities {
  /** Empty if the id has no name. */
  userName(uid: number): string;
  /** Empty if the id has no name. */
  groupName(gid: number): string;
}

/** Parses `/etc/passwd` and `/etc/group` (one `name:password:number:…` per line); other lines are ignored. */
export function parseIdentities(passwd: string, group: string): Identities {
  const users = parseNames(passwd);
  const groups = parseNames(group);
  return {
    userName: (uid) => users.get(uid) ?? '',
    groupName: (gid) => groups.get(gid) ?? '',
  };
}

function parseNames(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [name, , number] = line.split(':', 3);
    if (name === undefined || number === undefined || !/^\d{1,10}$/.test(number)) continue;
    const id = Number(number);
    if (!names.has(id)) names.set(id, name);
  }
  return names;
}
