/** Fields of Falco that have no counterpart in SysFlow, so that nobody is sent to one with a similar name. */

const NOT_RECORDED =
  /^(fd\.(sip|cip|lip|rip)\.name|fd\.(connected|name_changed|containername|containerdirectory|uid|dev|ino)|evt\.(arg|args|rawarg|buffer|info|latency|category|is_open_exec|is_io|count|deltatime)(\..*)?|proc\.(is_exe_.*|is_vpgid_leader|sid|sname|vpgid|loginshellid|exeline|stdin\..*|stdout\..*)|thread\.(cap_.*|vtid|ismain)|user\.(loginuid|loginname|homedir|shell)|container\.(mount|mounts|healthcheck|cni|duration|image\.(tag|digest)).*)$/;
const NETWORKS = /^fd\.([scrl])?net$/;
const EITHER_END: Readonly<Record<string, string>> = { s: 'sf.net.dip', c: 'sf.net.sip' };

/** Why there is no attribute for a field of Falco; undefined where it is no such field. */
export function explainFalcoField(name: string): string | undefined {
  const network = NETWORKS.exec(name);
  if (network !== null) {
    const attribute = EITHER_END[network[1] ?? ''] ?? 'sf.net.ip';
    return `there is no test for networks; compare the start of '${attribute}'`;
  }
  return NOT_RECORDED.test(name) ? 'SysFlow does not record what this Falco field tells' : undefined;
}
