/** The request of a run: flags and input. */
import type { Writable } from 'node:stream';
import type { ProfileRequest } from '../telemetry/profiles.js';
import type { AddressSpace } from './address-space.js';
import type { CommandIo } from './command-io.js';

export interface RunRequest {
  readonly flags: { readonly texts: ReadonlyMap<string, string>; readonly switches: ReadonlyMap<string, boolean> };
  /** The input; null only for a test. */
  readonly path: string | null;
  /** Words after the path, which Go's flag package ignores as flags. */
  readonly unread: readonly string[];
  /** The capacity of the address space. */
  readonly space: AddressSpace;
  /** Check everything and run nothing. */
  readonly test: boolean;
}

/** What the processor is run with, beside what every command has. */
export interface RunIo extends CommandIo {
  readonly stdout: Writable;
  readonly process: NodeJS.Process;
  /**
   * Hands over errors that nothing caught, and rejections that nobody handled, until the result is called.
   *
   * @param handler says whether it has dealt with the error; the program ends at once where it has not
   */
  onUnexpected(handler: (error: unknown) => boolean): () => void;
}

/** The profiles that are asked for. */
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
