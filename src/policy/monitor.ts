import { Diagnostics, type SourceText } from '../diagnostics/diagnostic.js';
import { type PolicyFileSystem, readPolicyFiles } from './files/policy-files.js';
import type { RuleLanguage } from './languages/language.js';

export interface PolicyMonitorOptions {
  /** Policy files, and folders that are watched with their subfolders. */
  readonly paths: readonly string[];
  readonly files: PolicyFileSystem;
  /** The languages whose files are read in folders; left out: the built-in ones. */
  readonly languages?: readonly RuleLanguage[];
  /** How often the files are looked at, milliseconds. */
  readonly interval: number;
  /** Called once the files are others than before and nobody writes to them. */
  onChange(sources: readonly SourceText[]): Promise<void>;
  /** Called where the files cannot be read, once for each reason. */
  onUnreadable(reason: string): void;
}

/** The least time between looks, milliseconds, and the most that a timer can wait. */
const SHORTEST = 100;
const LONGEST = 2 ** 31 - 1;
/** Files that changed are looked at again after this time, milliseconds: somebody may be writing them. */
const SETTLING = 1000;

/**
 * Looks at policy files from time to time and says when they are others: by what stands in them, so that it does not matter how
 * they came there. Whatever would be loaded is watched. One watch per object.
 */
export class PolicyMonitor {
  readonly #options: PolicyMonitorOptions;
  #current: readonly SourceText[];
  /** Other files than those, seen once. */
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
    this.#lookAfter(this.#options.interval);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #lookAfter(delay: number): void {
    if (this.#stopped) return;
    const wait = Math.min(Math.max(delay, SHORTEST), LONGEST);
    this.#timer = setTimeout(async () => this.#lookAfter(await this.#look()), wait);
  }

  /** Looks at the files; gives the time until the next look. */
  async #look(): Promise<number> {
    const { paths, files, languages, interval } = this.#options;
    const problems = new Diagnostics();
    const sources = readPolicyFiles(paths, files, problems, languages);
    const unreadable = problems.items.find(({ severity }) => severity === 'error');
    if (unreadable !== undefined) {
      this.#tellUnreadable(`${unreadable.source?.path ?? paths.join(', ')}: ${unreadable.message}`);
      return interval;
    }
    this.#reason = null;
    if (sameTexts(sources, this.#current)) {
      this.#seen = null;
      return interval;
    }
    if (this.#seen === null || !sameTexts(sources, this.#seen)) {
      this.#seen = sources;
      return Math.min(SETTLING, interval);
    }
    this.#seen = null;
    this.#current = sources;
    await this.#options.onChange(sources);
    return interval;
  }

  #tellUnreadable(reason: string): void {
    this.#seen = null;
    if (reason !== this.#reason) this.#options.onUnreadable(reason);
    this.#reason = reason;
  }
}

function sameTexts(a: readonly SourceText[], b: readonly SourceText[]): boolean {
  return a.length === b.length && a.every(({ path, text }, i) => path === b[i]!.path && text === b[i]!.text);
}
