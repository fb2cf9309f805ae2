import { outTypeOf } from '../../components/component-table.js';
import { reasonOf } from '../../components/plugins/plugin.js';
import type {
  AnyProcessor,
  Preparation,
  PrepareEnvironment,
  ProcessorComponent,
  ProcessorEnvironment,
  Stage,
  StageCount,
  StageReport,
} from '../../components/processor.js';
import type { Receiver, Shared } from '../../streams/receiver.js';
import { LOG_LEVELS } from '../../telemetry/logger.js';
import { Gate, recordsIn } from './gate.js';
import { type Guard, isThenable } from './guard.js';

/** Wraps a processor plugin and catches its failures. */
export function isolateProcessor(plugin: AnyProcessor, guard: Guard): Partial<ProcessorComponent> {
  return {
    create: (options, environment) => new IsolatedStage(plugin, options, environment, guard),
    ...(plugin.verify && {
      verify: (options, written) => {
        try {
          return plugin.verify!(options, written);
        } catch (error) {
          return [{ code: 'invalid-value', message: `${guard.name}: verify threw: ${reasonOf(error)}` }];
        }
      },
    }),
    ...(plugin.threads && {
      threads: (options) => guard.call('threads', () => plugin.threads!(options)) ?? Number.POSITIVE_INFINITY,
    }),
    ...(plugin.prepare && { prepare: (options, environment) => prepare(plugin, options, environment, guard) }),
  };
}

/** Calls `prepare`. If it fails, an error is reported and the pipeline does not start. */
async function prepare(
  plugin: AnyProcessor,
  options: unknown,
  environment: PrepareEnvironment,
  guard: Guard,
): Promise<Preparation> {
  const result = await guard.attempt(() => plugin.prepare!(options, environment));
  if (result.problem === null && result.value !== undefined) {
    const { value: prepared } = result;
    return { ...prepared, files: prepared.files ?? [], notes: prepared.notes ?? [] };
  }
  const failure = result.problem ?? 'returned no result';
  environment.diagnostics.error('invalid-plugin', `${guard.name}: prepare ${failure}`, null, null);
  return { value: undefined, files: [], notes: [], refused: true };
}

/** A stage of a plugin. If it fails, its records are counted as lost, and the other stages continue. */
class IsolatedStage implements Stage {
  /** Undefined if the plugin receives the records of all streams together. */
  readonly openStream?: (name: string) => Receiver<unknown>;
  readonly #guard: Guard;
  readonly #gate: Gate;
  readonly #stage: Stage;
  readonly #receiver: IsolatedReceiver;

  constructor(plugin: AnyProcessor, options: unknown, environment: ProcessorEnvironment, guard: Guard) {
    const { slots, prepared, strict } = environment;
    const components = Object.fromEntries(Object.entries(slots).map(([key, { component }]) => [key, component]));
    this.#guard = guard;
    this.#gate = new Gate(environment.next, outTypeOf(plugin, components), guard);
    const own: ProcessorEnvironment = {
      next: this.#gate,
      slots,
      prepared,
      strict,
      now: () => environment.now(),
      log: (level, message) => environment.log(level, message),
      fail: (message) => environment.fail(message),
    };
    this.#stage = guard.create(() => plugin.create(options, own), ['push', 'end']);
    this.#receiver = new IsolatedReceiver(this.#stage, guard, this.#gate);
    if (typeof this.#stage.openStream === 'function') this.openStream = (name) => this.#openStream(name);
  }

  get isClosed(): boolean {
    return this.#guard.call('isClosed', () => this.#stage.isClosed) === true;
  }

  #openStream(name: string): Receiver<unknown> {
    const result = this.#guard.call('openStream', () => ({ opened: this.#stage.openStream!(name) }));
    const { opened } = result ?? {};
    const isReceiver = typeof opened?.push === 'function' && typeof opened.end === 'function';
    if (result !== undefined && !isReceiver) this.#guard.failed('the result of openStream has no push() and end()');
    return new IsolatedReceiver(isReceiver ? opened : null, this.#guard, this.#gate);
  }

  async start(): Promise<string | null> {
    if (typeof this.#stage.start !== 'function') return null;
    const result = await this.#guard.attempt(() => this.#stage.start!());
    const { name } = this.#guard;
    if (result.problem !== null) return `${name}: start ${result.problem}`;
    const { value: problem = null } = result;
    return problem === null ? null : `${name}: ${problem}`;
  }

  async reopen(): Promise<void> {
    if (typeof this.#stage.reopen === 'function') await this.#guard.run('reopen', () => this.#stage.reopen!());
  }

  push(item: unknown): Promise<void> | undefined {
    return this.#receiver.push(item);
  }

  /** Ends the plugin, and always the following stages, even if the plugin fails. */
  async end(): Promise<void> {
    await this.#receiver.end();
    await this.#gate.end();
  }

  report(): StageReport {
    if (typeof this.#stage.report !== 'function') return {};
    const { events, exported, lost, unread, counts } = this.#guard.call('report', () => this.#stage.report!()) ?? {};
    const numbers = Object.entries({ events, exported, lost, unread }).filter(([, value]) => Number.isFinite(value));
    return {
      ...(Object.fromEntries(numbers) as StageReport),
      counts: (Array.isArray(counts) ? counts : []).flatMap((count) => this.#count(count)),
    };
  }

  #count(count: StageCount): StageCount[] {
    const { name, value, level, describe } = count ?? {};
    const isKnown = level === 'detail' || (LOG_LEVELS as readonly string[]).includes(level);
    if (!Number.isFinite(value) || !isKnown || typeof describe !== 'function') return [];
    return [
      {
        name: String(name),
        value,
        level,
        describe: (sum) => String(this.#guard.call('describe', () => count.describe(sum)) ?? `${name}: ${sum}`),
      },
    ];
  }
}

/** Receives items for a plugin. If a push does not settle in time, the plugin gets no further items. */
class IsolatedReceiver implements Receiver<unknown> {
  /** The plugin's receiver; null if there is none, or it gets no further items. */
  #inner: Receiver<unknown> | null;
  readonly #guard: Guard;
  readonly #gate: Gate;

  constructor(inner: Receiver<unknown> | null, guard: Guard, gate: Gate) {
    this.#inner = inner;
    this.#guard = guard;
    this.#gate = gate;
  }

  push(item: unknown): Promise<void> | undefined {
    const inner = this.#inner;
    // Count before the call, since the item may be released during it.
    const records = recordsIn(item);
    if (inner === null) {
      this.#guard.lose(records);
      (item as Shared).release?.();
      return undefined;
    }
    const busy: unknown = this.#guard.call('push', () => inner.push(item), records);
    return isThenable(busy) ? this.#wait(busy, records) : undefined;
  }

  async end(): Promise<void> {
    const inner = this.#inner;
    this.#inner = null;
    if (inner === null) return;
    const ending: unknown = this.#guard.call('end', () => inner.end());
    if (isThenable(ending)) await this.#guard.settle('end', ending, 0, () => this.#isWaiting());
  }

  async #wait(busy: PromiseLike<unknown>, records: number): Promise<void> {
    const how = await this.#guard.settle('push', busy, records, () => this.#isWaiting());
    if (how === 'late') this.#inner = null;
  }

  /** Whether the plugin waits for the following stages. */
  #isWaiting(): boolean {
    return this.#gate.isBusy;
  }
}
