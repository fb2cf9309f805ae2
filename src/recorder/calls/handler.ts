import type { CallContext } from '../call-context.js';

/** Updates entities and writes records for one kind of system call, after it returned. */
export type CallHandler = (context: CallContext) => void;
