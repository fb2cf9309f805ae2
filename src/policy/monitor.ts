import { Diagnostics, type SourceText } from '../diagnostics/diagnostic.js';
import { type PolicyFileSystem, readPolicyFiles } from './files/policy-files.js';
import type { RuleLanguage } from './languages/language.js';

export interface PolicyMonitorOptions {
  /** Policy files, and folders that are watched recursively. */
  readonly paths: readonly string[];
  readonly files: PolicyFileSystem;
  /** The languages whose files are read in folders; left out: the built-in ones. */
  readonly languages?: readonly RuleLanguage[];
  /** How often the files are read, milliseconds. */
  readonly interval: number;
  /** Called when the files have changed and are no longer being written. */
  onChange(sources: readonly SourceText[]): Promise<void>;
  /** Called if the files cannot be read, once for each reason. */
  onUnreadable(reason: string): void;
}

/** Limits of the delay between two checks, milliseconds. The upper one is the longest delay of a timer. */
const MIN_INTERVAL = 100;
const MAX_INTERVAL = 2 ** 31 - 1;
/** Changed files are read again after this delay, milliseconds, since they may still be being written. */
const SETTLE_DELAY = 1000;

/**
 * Checks policy files for changes at regular intervals. It compares their contents, so it does not matter how they were
 * changed. It watches all files that would be loaded. Use one monitor per set of files.
 */
export class PolicyMonitor {
  readonly #options: PolicyMonitorOptions;
  #current: readonly SourceText[];
  /** Changed files that were read once. */
  #seen: readonly SourceText[] | null = null;
  #reason: string | null = null;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  /** @param sources the files as they were loaded */
  constructor(options: PolicyMonitorOptions, sources: readonly SourceText[]) {
    this.#options = options;
    this.#current = sources;
  }

  start(): void {
    this.#checkAfter(this.#options.interval);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #checkAfter(delay: number): void {
    if (this.#stopped) return;
    const wait = Math.min(Math.max(delay, MIN_INTERVAL), MAX_INTERVAL);
    this.#timer = setTimeout(async () => this.#checkAfter(await this.#check()), wait);
  }

  /** Reads the files and returns the delay until the next check. */
  async #check(): Promise<number> {
    const { paths, files, languages, interval } = this.#options;
    const problems = new Diagnostics();
    const sources = readPolicyFiles(paths, files, problems, languages);
    const unreadable = problems.items.find(({ severity }) => severity === 'error');
    if (unreadable !== undefined) {
      this.#reportUnreadable(`${unreadable.source?.path ?? paths.join(', ')}: ${unreadable.message}`);
      return interval;
    }
    this.#reason = null;
    if (sameTexts(sources, this.#current)) {
      this.#seen = null;
      return interval;
    }
    if (this.#seen === null || !sameTexts(sources, this.#seen)) {
      this.#seen = sources;
      return Math.min(SETTLE_DELAY, interval);
    }
    this.#seen = null;
    this.#current = sources;
    await this.#options.onChange(sources);
    return interval;
  }

  #reportUnreadable(reason: string): void {
    this.#seen = null;
    if (reason !== this.#reason) this.#options.onUnreadable(reason);
    this.#reason = reason;
  }
}

function sameTexts(a: readonly SourceText[], b: readonly SourceText[]): boolean {
  return a.length === b.length && a.every(({ path, text }, i) => path === b[i]!.path && text === b[i]!.text);
}
