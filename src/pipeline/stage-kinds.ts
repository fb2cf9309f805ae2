/** The stages of a pipeline by what they do. */
import type { StageStanza } from '../config/pipeline-file.js';
import type { OptionValues } from '../config/settings.js';
import { type StageNode, stanzasOf } from '../config/wiring.js';
import type { EncoderComponent, ExporterOptionValues, TransportComponent } from '../exporter/component.js';
import { exporterProcessor } from '../exporter/component.js';
import { type EngineOptionValues, policyEngine } from '../policy/component.js';
import { type ReaderOptionValues, sysflowReader } from '../reader/component.js';

/** A stage whose options are known by type. */
export interface TypedStanza<Options> extends StageStanza {
  readonly options: OptionValues & Options;
}

export type ReaderStanza = TypedStanza<ReaderOptionValues>;
export type EngineStanza = TypedStanza<EngineOptionValues>;
export interface ExporterStanza extends TypedStanza<ExporterOptionValues> {
  readonly slots: { readonly export: TransportComponent; readonly format: EncoderComponent };
}

export function isReader(stanza: StageStanza): stanza is ReaderStanza {
  return stanza.component === sysflowReader;
}

export function isEngine(stanza: StageStanza): stanza is EngineStanza {
  return stanza.component === policyEngine;
}

export function isExporter(stanza: StageStanza): stanza is ExporterStanza {
  return stanza.component === exporterProcessor;
}

/** The exporters below some nodes, in the order in which they are met first. */
export function exportersOf(nodes: readonly StageNode[]): ExporterStanza[] {
  return stanzasOf(nodes).filter(isExporter);
}

/** The policy engines below some nodes, in the order in which they are met first. */
export function enginesOf(nodes: readonly StageNode[]): EngineStanza[] {
  return stanzasOf(nodes).filter(isEngine);
}
