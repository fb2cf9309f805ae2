import { reasonOf } from '../../components/plugins/plugin.js';
import type {
  AnyDriver,
  Driver,
  DriverComponent,
  DriverFile,
  DriverHost,
  DriverReporter,
} from '../../drivers/driver.js';
import type { Progress } from '../../telemetry/progress.js';
import { type Guard, PluginError, within } from './guard.js';

/** Wraps a driver plugin and catches its failures. */
export function isolateDriver(plugin: AnyDriver, guard: Guard): Partial<DriverComponent> {
  return {
    create(options, { path, now }) {
      try {
        return new IsolatedDriver(
          guard.create(() => plugin.create(options, { path, now }), ['run']),
          guard,
        );
      } catch (error) {
        if (!(error instanceof PluginError)) throw error;
        return new UncreatedDriver(error.message);
      }
    },
  };
}

/** A driver of a plugin. If it fails, its streams are closed and the other drivers continue. */
class IsolatedDriver implements Driver {
  readonly #driver: Driver;
  readonly #guard: Guard;

  constructor(driver: Driver, guard: Guard) {
    this.#driver = driver;
    this.#guard = guard;
  }

  get files(): readonly DriverFile[] {
    const files = this.#guard.call('files', () => this.#driver.files) ?? [];
    return Array.isArray(files) ? files.filter((file) => typeof file?.path === 'string') : [];
  }

  get progress(): Progress | undefined {
    const progress = this.#guard.call('progress', () => this.#driver.progress);
    return typeof progress === 'object' && progress !== null ? progress : undefined;
  }

  start(reporter: DriverReporter): boolean {
    if (typeof this.#driver.start !== 'function') return true;
    try {
      return this.#driver.start(reporter) !== false;
    } catch (error) {
      reporter.fail(`${this.#guard.name}: start threw: ${reasonOf(error)}`);
      return false;
    }
  }

  async run(host: DriverHost, signal: AbortSignal): Promise<void> {
    const { name, problems } = this.#guard;
    let onAbort = (): void => {};
    try {
      const running = Promise.resolve(this.#driver.run(host, signal));
      // Input may have no end, so the time limit starts at the signal to stop.
      const stopped = new Promise<void>((resolve) => {
        onAbort = resolve;
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', onAbort, { once: true });
      });
      await Promise.race([running, stopped]);
      const { settle } = problems.limits;
      if (!(await within(running, settle)))
        host.fail(`${name}: run did not settle within ${settle / 1000} s of the stop`);
    } catch (error) {
      host.fail(`${name}: run failed: ${reasonOf(error)}`);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  dispose(): void {
    if (typeof this.#driver.dispose === 'function') this.#guard.call('dispose', () => this.#driver.dispose!());
  }
}

/** Replaces a driver that could not be created. The pipeline does not start. */
class UncreatedDriver implements Driver {
  readonly #problem: string;

  constructor(problem: string) {
    this.#problem = problem;
  }

  start(reporter: DriverReporter): boolean {
    reporter.fail(this.#problem);
    return false;
  }

  async run(): Promise<void> {}
}
