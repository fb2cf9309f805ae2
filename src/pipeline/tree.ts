/** The tree that a pipeline is built from: drivers and the stages that they feed. It is read from a pipeline file. */

import type { AnyComponent } from '../components/component.js';
import { slotValues } from '../components/component-table.js';
import type { AnyProcessor, SlotValue } from '../components/processor.js';

/** A stage to build. */
export interface StagePlan {
  readonly component: AnyProcessor;
  /** The values of its stanza: its own options, and those of the components in its slots, prefixed with their names. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The components in its slots, by key. */
  readonly slots: Readonly<Record<string, AnyComponent>>;
}

/** A stage and its receivers; several receivers form a tee. A stage with several feeders is a single object. */
export interface StageNode {
  readonly stage: StagePlan;
  readonly receivers: readonly StageNode[];
}

/** The stages below some nodes, in order of first occurrence. */
export function stagesOf(nodes: readonly StageNode[]): StagePlan[] {
  const found = new Set<StagePlan>();
  const visit = ({ stage, receivers }: StageNode): void => {
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
