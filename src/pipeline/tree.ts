/** The tree that a pipeline is built from: drivers and the stages that they feed. It is read from a pipeline file. */

import type { AnyComponent } from '../components/component.js';
import { defaultOptions, slotValues } from '../components/component-table.js';
import type { AnyProcessor, ProcessorComponent, SlotValue } from '../components/processor.js';

/** A stage to build. */
export interface StagePlan {
  readonly component: AnyProcessor;
  /** The values of its stanza: its own options, and those of the components in its slots, prefixed with their names. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The components in its slots, by key. */
  readonly slots: Readonly<Record<string, AnyComponent>>;
}

/** A stage and its receivers; several receivers form a tee. A stage with several feeders is a single object. */
export interface TreeNode<Stage> {
  readonly stage: Stage;
  readonly receivers: readonly TreeNode<Stage>[];
}

export type StageNode = TreeNode<StagePlan>;

/** Returns the plan of a stage that is created in code. Options that are not given have their defaults. */
export function stagePlan<Options>(
  component: ProcessorComponent<Options>,
  options: Partial<Options> = {},
  slots: StagePlan['slots'] = {},
): StagePlan {
  return { component, options: { ...defaultOptions(component), ...options }, slots };
}

/** The stages below some nodes, in order of first occurrence. */
export function stagesOf<Stage>(nodes: readonly TreeNode<Stage>[]): Stage[] {
  const found = new Set<Stage>();
  const visit = ({ stage, receivers }: TreeNode<Stage>): void => {
    found.add(stage);
    receivers.forEach(visit);
  };
  nodes.forEach(visit);
  return [...found];
}

/** The slots of a stage, with the options of their components. */
export function slotsOf({ slots, options }: StagePlan): Record<string, SlotValue> {
  return slotValues(slots, options);
}
