import type { CallContext } from '../world.js';

/** Takes one kind of system call, after it returned, into entities and records. */
export type CallHandler = (context: CallContext) => void;
