import { reasonOf } from '../../components/plugins/plugin.js';
import type { PluginProblems } from './problems.js';

/** A plugin that cannot be created. The message names it and its file. */
export class PluginError extends Error {}

/** Calls the code of one plugin, and reports its failures under its name. */
export class Guard {
  /** The name of the plugin in messages, with its file. */
  readonly name: string;
  readonly problems: PluginProblems;

  constructor(name: string, problems: PluginProblems) {
    this.name = name;
    this.problems = problems;
  }

  /** Calls a function and reports an error it throws. @param lost records lost by an error @returns undefined after an error */
  call<T>(what: string, work: () => T, lost = 0): T | undefined {
    const start = this.problems.now();
    try {
      return work();
    } catch (error) {
      this.failed(`${what} threw: ${reasonOf(error)}`, lost);
      return undefined;
    } finally {
      const duration = this.problems.now() - start;
      if (duration > this.problems.limits.call) this.warned(`${what} took ${duration.toFixed(0)} ms`);
    }
  }

  /**
   * Waits for a promise of the plugin within the time limit.
   *
   * @param isExcused whether the plugin is waiting for the rest of the pipeline, which does not count
   * @returns whether it was fulfilled in time; failures are reported
   */
  async settle(
    what: string,
    promise: PromiseLike<unknown>,
    lost = 0,
    isExcused = (): boolean => false,
  ): Promise<Settled> {
    try {
      const { settle } = this.problems.limits;
      if (await within(promise, settle, isExcused)) return 'fulfilled';
      this.failed(`${what} did not settle within ${settle / 1000} s`, lost);
      return 'late';
    } catch (error) {
      this.failed(`${what} was rejected: ${reasonOf(error)}`, lost);
      return 'rejected';
    }
  }

  /** Like {@link call}, for a function that may return a promise. */
  async run(what: string, work: () => unknown): Promise<void> {
    const result = this.call(what, work);
    if (isThenable(result)) await this.settle(what, result);
  }

  /** Calls a function that may return a promise. Returns its value, or why there is none within the time limit. */
  async attempt<T>(work: () => T | PromiseLike<T>): Promise<Attempt<T>> {
    const { settle } = this.problems.limits;
    try {
      let value: T | undefined;
      const working = Promise.resolve(work()).then((result) => {
        value = result;
      });
      if (await within(working, settle)) return { problem: null, value };
      return { problem: `did not settle within ${settle / 1000} s` };
    } catch (error) {
      return { problem: `failed: ${reasonOf(error)}` };
    }
  }

  failed(message: string, lost = 0): void {
    this.problems.failed(this.name, message, lost);
  }

  warned(message: string): void {
    this.problems.warned(this.name, message);
  }

  /** Counts records lost by a failure that was already reported. */
  lose(records: number): void {
    this.problems.lose(this.name, records);
  }

  /**
   * Calls `create` of a plugin and checks the result.
   *
   * @param functions the functions that the result must have
   * @throws PluginError if `create` throws or a function is missing
   */
  create<T extends object>(work: () => T, functions: readonly (keyof T & string)[]): T {
    let created: T;
    try {
      created = work();
    } catch (error) {
      throw new PluginError(`${this.name}: create threw: ${reasonOf(error)}`);
    }
    const isObject = typeof created === 'object' && created !== null;
    const missing = functions.filter((name) => !isObject || typeof created[name] !== 'function');
    if (missing.length === 0) return created;
    throw new PluginError(`${this.name}: the result of create has no ${missing.map((name) => `${name}()`).join(', ')}`);
  }
}

/** The value that a call of a plugin returned, or the problem. */
export type Attempt<T> = { readonly problem: null; readonly value: T | undefined } | { readonly problem: string };

export type Settled = 'fulfilled' | 'rejected' | 'late';

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function';
}

/** Waits for a promise up to a limit, which restarts while it is excused. @returns whether the promise was fulfilled in time */
export async function within(
  promise: PromiseLike<unknown>,
  limit: number,
  isExcused: () => boolean = () => false,
): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    const expire = (): void => {
      if (isExcused()) timer = setTimeout(expire, limit);
      else resolve(false);
    };
    timer = setTimeout(expire, limit);
  });
  try {
    return await Promise.race([Promise.resolve(promise).then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
