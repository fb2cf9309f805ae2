import type { Container, Header, Pod, Process } from '../sysflow/entities.js';

/**
 * Who did it: a process as an event sees it, joined with its ancestors, container, pod and the stream's header.
 *
 * The reader makes one actor per combination and reuses it for every event of it, so whatever depends on it alone
 * (predicates, encoded fragments) is computed once and kept in `memo`. A process that changes, or a container or pod
 * that is announced anew, gives a new actor.
 */
export class Actor {
  /** The header of the stream; never null, since a stream without one gets an empty header. */
  readonly header: Header;
  /** Null for an event whose process is unknown, and for Kubernetes events. */
  readonly process: Process | null;
  /**
   * The process and its ancestors, nearest first, as they were when the first event of the process came by: a process
   * that executes another program later keeps the older version of itself at position 0, as in the original.
   */
  readonly ancestors: readonly Process[];
  readonly container: Container | null;
  readonly pod: Pod | null;
  /**
   * The user id that the process had before its last announcement, where that changed it: the collector announces a process
   * with its new user before the SETUID event. Null where the last announcement changed no user id.
   */
  readonly uidBefore: number | null;
  /** Its number in the `JoinedEntities` of its reader. */
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

  /** The parent process, or null where it is unknown. */
  get parent(): Process | null {
    return this.ancestors[1] ?? null;
  }
}
