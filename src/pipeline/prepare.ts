/** Prepares a pipeline before it starts: creates its drivers, and loads the files that its stages need. */

import type { AnyComponent } from '../components/component.js';
import { ownOptions } from '../components/component-table.js';
import type { Preparation, PrepareEnvironment } from '../components/processor.js';
import type { AnyDriver, BuiltInDriverEnvironment } from '../drivers/driver.js';
import type { PipelineDriver } from './pipeline.js';
import { type StageNode, type StagePlan, stagesOf } from './tree.js';

/** A driver to create, and the stages that it feeds. */
export interface DriverPlan {
  readonly component: AnyComponent;
  readonly options: Readonly<Record<string, unknown>>;
  /** Null for the path on the command line. */
  readonly path: string | null;
  readonly receivers: readonly StageNode[];
}

/** The environment that drivers are created with. */
export type DriverContext = Omit<BuiltInDriverEnvironment, 'path'>;

/**
 * Creates the drivers of a pipeline, which look up their input and may start threads.
 *
 * @param path the path on the command line
 */
export function createDrivers(plans: readonly DriverPlan[], path: string, context: DriverContext): PipelineDriver[] {
  const limits = stagesOf(plans.flatMap(({ receivers }) => receivers)).map(({ component, options }) => {
    return component.threads?.(options) ?? Number.POSITIVE_INFINITY;
  });
  // With several drivers there is no inflater thread: each driver inflates its input itself.
  const threads = plans.length === 1 ? Math.min(context.threads, ...limits) : 1;
  return plans.map((plan) => {
    const component = plan.component as AnyDriver;
    const environment: BuiltInDriverEnvironment = { ...context, threads, path: plan.path ?? path };
    const driver = component.create(ownOptions(component, plan.options), environment);
    return { driver, name: component.name, receivers: plan.receivers };
  });
}

/** Prepares all stages below some nodes. */
export async function prepareStages(
  nodes: readonly StageNode[],
  environment: PrepareEnvironment,
): Promise<ReadonlyMap<StagePlan, Preparation>> {
  const prepared = new Map<StagePlan, Preparation>();
  for (const stage of stagesOf(nodes)) {
    const preparation = await stage.component.prepare?.(stage.options, environment);
    if (preparation !== undefined) prepared.set(stage, preparation);
  }
  return prepared;
}
