import type { Container, Header, Pod, Process } from '../sysflow/entities.js';

/**
 * The process of an event, joined with its ancestors, container, pod and the header of the stream.
 *
 * The reader creates one actor per combination and reuses it for all events of the combination. Whatever depends on the
 * actor alone (predicates, encoded fragments) is computed once and cached in `memo`. A new actor is created when the
 * process changes, or when a container or pod is announced again.
 */
export class Actor {
  /** The header of the stream. Never null: a stream without a header gets an empty one. */
  readonly header: Header;
  /** Null for an event whose process is unknown, and for Kubernetes events. */
  readonly process: Process | null;
  /**
   * The process and its ancestors, nearest first, as of the first event of the process. If the process executes another
   * program later, position 0 keeps the older version, as in the original.
   */
  readonly ancestors: readonly Process[];
  readonly container: Container | null;
  readonly pod: Pod | null;
  /**
   * The user id of the process before its last announcement, if that changed it: the collector announces a process with
   * its new user before the SETUID event. Null if the last announcement did not change the user id.
   */
  readonly uidBefore: number | null;
  /** Its index in the `JoinedEntities` of its reader. */
  number = 0;
  /** See `memo.ts`. */
  memo: unknown[] = [];

  constructor(
    header: Header,
    process: Process | null,
    ancestors: readonly Process[],
    container: Container | null,
    pod: Pod | null,
    uidBefore: number | null = null,
  ) {
    this.header = header;
    this.process = process;
    this.ancestors = ancestors;
    this.container = container;
    this.pod = pod;
    this.uidBefore = uidBefore;
  }

  /** The parent process; null if it is unknown. */
  get parent(): Process | null {
    return this.ancestors[1] ?? null;
  }
}
