/** Falco fields that are not supported. Listing them avoids misleading suggestions of attributes with similar names. */

/** Fields whose value is not recorded in traces. */
const NOT_RECORDED =
  /^(fd\.(sip|cip|lip|rip)\.name|fd\.(connected|name_changed|uid|dev|ino)|evt\.(arg|rawarg)\..*|evt\.(rawarg|buffer|latency|is_open_exec|deltatime)(\..*)?|proc\.(is_exe_.*|is_vpgid_leader|pgid|pgid\..*|is_pgid_leader|sid|sname|vpgid|loginshellid|stdin\..*|stdout\..*)|thread\.(cap_.*|vtid)|user\.(loginuid|loginname|homedir|shell)|container\.(mount|mounts|healthcheck|cni|duration)(\..*)?)$/;
const ENDS = /^fd\.[lr](net|ip|port)$/;
const ARGUMENTS =
  "'evt.arg.path', 'evt.arg.newpath', 'evt.arg.flags' and 'evt.arg.uid' are arguments that SysFlow records";
const FILE_IN_CONTAINER = "use 'sf.container.id' and 'sf.file.path'";
/**
 * Fields that are not supported although a trace has their value elsewhere, and names whose meaning differs from the
 * most similar attribute.
 */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['sf.net.mask', "use 'fd.net', 'fd.cnet' and 'fd.snet' to compare addresses with networks"],
  ['evt.arg', "the supported arguments are 'evt.arg[1]' and 'evt.arg[2]', the paths of a call"],
  ['evt.args', ARGUMENTS],
  ['evt.info', ARGUMENTS],
  ['evt.arg.res', "did you mean 'evt.res'?"],
  ['evt.rawarg.res', "did you mean 'sf.ret'?"],
  ['evt.arg.exe', "did you mean 'proc.exe'?"],
  ['evt.arg.fd', "did you mean 'fd.num'?"],
  ['evt.category', "use 'sf.type' and 'sf.opflags' for the kind of event"],
  ['evt.is_io', "use 'sf.flow.rops' or 'sf.flow.wops' for flows that read or write"],
  ['evt.count', "this Falco field is not supported: it is always 1, as is 'evt.num' here"],
  ['evt.hostname', "did you mean 'sf.node.id'?"],
  ['thread.ismain', "compare 'sf.proc.tid = sf.proc.pid'"],
  ['fd.containername', FILE_IN_CONTAINER],
  ['fd.containerdirectory', FILE_IN_CONTAINER],
  [
    'container.image.digest',
    "this Falco field is not supported: 'sf.container.image' contains the digest if the image is named by it",
  ],
  ['k8s.svc.name', "'sf.pod.services[0.name]' is the name of the pod's first service"],
  ['k8s.svc.id', "'sf.pod.services[0.id]' is the id of the pod's first service"],
]);

/**
 * Explains why a Falco field is not supported, or which attribute to use instead; undefined if the name is not a known
 * Falco field.
 */
export function explainFalcoField(name: string): string | undefined {
  const end = ENDS.exec(name)?.[1];
  if (end !== undefined)
    return `SysFlow does not record which end is remote: 'fd.s${end}' is the server, 'fd.c${end}' the client`;
  const elsewhere = ELSEWHERE.get(name);
  if (elsewhere !== undefined) return elsewhere;
  return NOT_RECORDED.test(name) ? 'SysFlow does not record the value of this Falco field' : undefined;
}
