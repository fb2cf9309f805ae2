/**
 * Records SysFlow from a command on a machine without the collector. strace traces the command's system calls
 * (`strace/`: its arguments and the parser of its output), and the tracker maintains processes and descriptors and
 * creates records (`calls/`: one handler for each system call). The caller writes the records to a trace.
 */
export { parseIdentities } from './identities.js';
export { procFiles } from './proc-files.js';
export { findProgram, whyNotExecuted } from './program.js';
export {
  exitStatus,
  findStrace,
  type Recording,
  type RecordNotes,
  type RecordOptions,
  record,
} from './record.js';
export type { StraceVersion } from './strace/command.js';
