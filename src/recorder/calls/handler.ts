import type { CallContext } from '../call-context.js';

/** Takes one kind of system call, after it returned, into entities and records. */
export type CallHandler = (context: CallContext) => void;
