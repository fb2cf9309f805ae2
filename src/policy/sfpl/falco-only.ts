/** Fields of Falco that have no counterpart in SysFlow, so that nobody is sent to one with a similar name. */

const NOT_RECORDED =
  /^(fd\.(sip|cip|lip|rip)\.name|fd\.(connected|name_changed|containername|containerdirectory|uid|dev|ino)|evt\.(arg|args|rawarg|buffer|info|latency|category|is_open_exec|is_io|count|deltatime)(\..*)?|proc\.(is_exe_.*|is_vpgid_leader|pgid|pgid\..*|is_pgid_leader|sid|sname|vpgid|loginshellid|exeline|stdin\..*|stdout\..*)|thread\.(cap_.*|vtid|ismain)|user\.(loginuid|loginname|homedir|shell)|container\.(mount|mounts|healthcheck|cni|duration|image\.(tag|digest)).*)$/;
const ENDS = /^fd\.[lr](net|ip|port)$/;
/** Names that mean something else than the nearest one. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ['sf.net.mask', "addresses are compared with networks by 'fd.net', 'fd.cnet' and 'fd.snet'"],
]);

/** Why there is no attribute for a field of Falco, or which one is meant; undefined where nothing is known of a name. */
export function explainFalcoField(name: string): string | undefined {
  const end = ENDS.exec(name)?.[1];
  if (end !== undefined)
    return `SysFlow does not tell which end is remote: 'fd.s${end}' is the server, 'fd.c${end}' the client`;
  const meant = MEANT.get(name);
  if (meant !== undefined) return meant;
  return NOT_RECORDED.test(name) ? 'SysFlow does not record what this Falco field tells' : undefined;
}
