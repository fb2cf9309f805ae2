import type { TraceError, TraceErrorCode } from '../sysflow/errors.js';

/** Thrown if a trace cannot be read at all. */
export class UnreadableTraceError extends Error {
  readonly code: TraceErrorCode;
  /** Path of the trace as it was given, or its name. */
  readonly path: string;

  constructor({ code, path, message }: TraceError) {
    super(`${path}: ${message}`);
    this.name = 'UnreadableTraceError';
    this.code = code;
    this.path = path;
  }
}
