/** The request of a run: flags and input. */
import type { Writable } from 'node:stream';
import type { ProfileRequest } from '../telemetry/profiles.js';
import type { AddressSpace } from './address-space.js';
import type { CommandIo } from './command-io.js';

export interface RunRequest {
  readonly flags: { readonly texts: ReadonlyMap<string, string>; readonly switches: ReadonlyMap<string, boolean> };
  /** The input; null only with `-test`. */
  readonly path: string | null;
  /** Words after the path, which Go's flag package ignores as flags. */
  readonly unread: readonly string[];
  /** The capacity of the address space. */
  readonly space: AddressSpace;
  /** Check everything without running. */
  readonly test: boolean;
}

/** What the processor needs in addition to other commands. */
export interface RunIo extends CommandIo {
  readonly stdout: Writable;
  readonly process: NodeJS.Process;
  /**
   * Installs a handler for uncaught errors and unhandled rejections. Returns a function that removes it.
   *
   * @param handler returns whether it has handled the error; otherwise the program ends immediately
   */
  onUnexpected(handler: (error: unknown) => boolean): () => void;
}

/** Returns the requested profiles. */
export function profilesOf(request: RunRequest): ProfileRequest {
  return {
    cpu: textFlag(request, 'cpuprofile'),
    memory: textFlag(request, 'memprofile'),
    trace: textFlag(request, 'traceprofile'),
  };
}

/** The text of a flag; null if it is not given or empty. */
export function textFlag({ flags }: RunRequest, name: string): string | null {
  return flags.texts.get(name) || null;
}
