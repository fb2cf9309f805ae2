/**
 * SysFlow from a command, on a machine without the collector: strace watches the command's system calls (`strace/`:
 * how to call it and to read what it says), the tracker keeps processes and descriptors and makes records (`calls/`:
 * one entry for each system call), and whoever records puts them into a trace.
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
