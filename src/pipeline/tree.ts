/** What a pipeline is built from: drivers and the stages that they feed. A pipeline file gives such a tree. */

import type { AnyComponent } from '../components/component.js';
import { slotValues } from '../components/component-table.js';
import type { AnyProcessor, SlotValue } from '../components/processor.js';

/** A stage to be built. */
export interface StagePlan {
  readonly component: AnyProcessor;
  /** The values of its stanza: its own options, and those of the components of its slots behind their names. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The components that its slots name, by key. */
  readonly slots: Readonly<Record<string, AnyComponent>>;
}

/** A stage with those that receive what it emits; several are a tee. A stage that several feed is one object. */
export interface StageNode {
  readonly stage: StagePlan;
  readonly receivers: readonly StageNode[];
}

/** The stages below some nodes, in the order in which they are met first. */
export function stagesOf(nodes: readonly StageNode[]): StagePlan[] {
  const found = new Set<StagePlan>();
  const visit = ({ stage, receivers }: StageNode): void => {
    found.add(stage);
    receivers.forEach(visit);
  };
  nodes.forEach(visit);
  return [...found];
}

/** The slots of a stage with the options of their components. */
export function slotsOf({ slots, options }: StagePlan): Record<string, SlotValue> {
  return slotValues(slots, options);
}
