import type { AnyComponent } from '../../../../src/components/component.js';
import { setPluginFile } from '../../../../src/components/plugins/plugin.js';
import type { ProcessorEnvironment, Stage } from '../../../../src/components/processor.js';
import { isolate } from '../../../../src/pipeline/isolation/isolate.js';
import { PluginProblems } from '../../../../src/pipeline/isolation/problems.js';
import type { Receiver, Shared } from '../../../../src/streams/receiver.js';

/** Milliseconds within which promises of plugins have to settle in these tests. */
export const SETTLE = 40;

/** A plugin in isolation, and what is logged of it. */
export class Isolated<T extends AnyComponent> {
  readonly lines: string[] = [];
  /** The time that calls are measured with. */
  time = 0;
  readonly component: T;
  readonly problems: PluginProblems;

  constructor(component: T) {
    setPluginFile(component, 'x.mjs');
    this.problems = new PluginProblems({
      limits: { settle: SETTLE, call: 1000 },
      now: () => this.time,
      log: (level, message) => this.lines.push(`${level} ${message}`),
    });
    this.component = isolate({ component, file: 'x.mjs' }, this.problems) as T;
  }

  /** What is logged at the end. */
  get totals(): string[] {
    const counts = (this.problems.report().counts ?? []).filter(({ value }) => value > 0);
    return counts.map(({ level, value, describe }) => `${level} ${describe(value)}`);
  }
}

/** A processor plugin with a stage as given. */
export function processorWith(stage: object, out: string | null = 'pairchan'): AnyComponent {
  const component = { kind: 'processor', name: 'p', summary: 's', in: 'pairchan', out, options: {} } as const;
  return { ...component, create: () => stage } as AnyComponent;
}

/** Creates the stage of a processor that emits to a receiver. */
export function stageOf({ component }: Isolated<AnyComponent>, next: Receiver<Shared>): Stage<Shared> {
  const environment: ProcessorEnvironment = {
    next,
    slots: {},
    prepared: undefined,
    strict: false,
    now: () => 0,
    log: () => {},
    fail: () => {},
  };
  const { create } = component as AnyComponent & { create(options: unknown, env: ProcessorEnvironment): Stage<Shared> };
  return create({}, environment);
}
