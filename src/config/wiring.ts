/** How the stages of a pipeline fit together: a tree from the drivers to the exporters. */
import { resolve } from 'node:path';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { nearestName } from '../diagnostics/nearest.js';
import type { ChannelEnd } from './channels.js';
import type {
  DriverStanza,
  EngineStanza,
  ExporterStanza,
  PipelineFile,
  ReaderStanza,
  StageStanza,
} from './pipeline-file.js';
import { readOptions } from './settings.js';
import { DRIVER_SCHEMA, PROCESSOR_CHANNELS } from './stanzas.js';

/** A stage with those that read what it writes; several are a tee. */
export interface StageNode {
  readonly stage: StageStanza;
  readonly receivers: readonly StageNode[];
}

/** A driver with the stages it feeds. `stanza` is null for one that was named on the command line alone. */
export interface DriverNode {
  readonly driver: string;
  /** Null: the path on the command line. */
  readonly path: string | null;
  readonly receivers: readonly StageNode[];
}

/** The whole pipeline; a stage that several feed stands in it as one object. */
export interface PipelineTree {
  readonly drivers: readonly DriverNode[];
}

/** The exporters below some nodes, in the order in which they are met first. */
export function exportersOf(nodes: readonly StageNode[]): ExporterStanza[] {
  return stanzasOf(nodes).filter((stage): stage is ExporterStanza => stage.processor === 'exporter');
}

/** The policy engines below some nodes, in the order in which they are met first. */
export function enginesOf(nodes: readonly StageNode[]): EngineStanza[] {
  return stanzasOf(nodes).filter((stage): stage is EngineStanza => stage.processor === 'policyengine');
}

/** The readers among some nodes. */
export function readersOf(nodes: readonly StageNode[]): ReaderStanza[] {
  return stanzasOf(nodes).filter((stage): stage is ReaderStanza => stage.processor === 'sysflowreader');
}

function stanzasOf(nodes: readonly StageNode[]): StageNode['stage'][] {
  const found = new Set<StageNode['stage']>();
  const visit = ({ stage, receivers }: StageNode): void => {
    found.add(stage);
    receivers.forEach(visit);
  };
  nodes.forEach(visit);
  return [...found];
}

/**
 * Checks how stages fit together and gives the tree.
 *
 * @param driver the name on the command line, for a file that has no driver of that name; null for `file` there
 */
export function wirePipeline(file: PipelineFile, driver: string | null, diagnostics: Diagnostics): PipelineTree {
  return new Wiring(file, diagnostics).tree(driver);
}

class Wiring {
  readonly #file: PipelineFile;
  readonly #diagnostics: Diagnostics;
  /** Who reads a channel, by its name. */
  readonly #readers = new Map<string, { readonly stage: StageStanza; readonly end: ChannelEnd }>();
  readonly #nodes = new Map<StageStanza, StageNode>();

  constructor(file: PipelineFile, diagnostics: Diagnostics) {
    this.#file = file;
    this.#diagnostics = diagnostics;
    for (const stage of file.stages) for (const end of stage.in) this.#addReader(stage, end);
  }

  tree(driver: string | null): PipelineTree {
    const { stages, drivers, unclear } = this.#file;
    const nodes = drivers.map((stanza) => this.#driver(stanza));
    for (const stage of stages) this.#stage(stage);
    this.#checkFiles();
    const written = new Set([...drivers, ...stages].flatMap(({ out }) => out.map(({ name }) => name)));
    for (const name of unclear) written.add(name);
    const open = this.#unwritten(written, drivers.length === 0);
    if (drivers.length > 0) return { drivers: nodes };
    if (driver !== null) checkDriver(driver, this.#diagnostics);
    const receivers = open === null ? [] : [this.#stage(open)];
    return { drivers: [{ driver: driver ?? 'file', path: null, receivers }] };
  }

  /**
   * Reports stages that read what nobody writes.
   *
   * @returns where there is no driver in the file, the stage that the driver of the command line feeds: the first that
   *   reads records
   */
  #unwritten(written: ReadonlySet<string>, implicitDriver: boolean): StageStanza | null {
    let first: StageStanza | null = null;
    for (const { stage, end } of this.#readers.values()) {
      if (written.has(end.name)) {
        // A driver of the file that the command line leaves out feeds it.
        if (implicitDriver && end.type === 'sysflowchan') first ??= stage;
        continue;
      }
      if (implicitDriver && first === null && end.type === 'sysflowchan') {
        first = stage;
        continue;
      }
      const near = nearestName(end.name, written);
      const hint = near === undefined ? undefined : `did you mean '${near}'?`;
      this.#error(`no stage writes to the channel '${end.name}'`, end, hint);
    }
    if (implicitDriver && first === null && this.#file.stages.length > 0 && this.#file.unclear.size === 0) {
      this.#error("no stage reads a channel of type 'sysflowchan', so nothing comes in", this.#file.stages[0]!);
    }
    return first;
  }

  /** Two writers of one file would cut each other's records when a disk is full, and rotate it twice. */
  #checkFiles(): void {
    const written = new Set<string>();
    for (const stage of this.#file.stages) {
      if (stage.processor !== 'exporter' || stage.options.export !== 'file') continue;
      const path = resolve(stage.options['file.path']);
      if (written.has(path)) this.#error(`another exporter writes to the file '${stage.options['file.path']}'`, stage);
      written.add(path);
    }
  }

  #driver({ options, out }: DriverStanza): DriverNode {
    for (const end of out) this.#checkType(end, 'sysflowchan', 'a driver writes');
    return { driver: options.driver, path: options.path, receivers: this.#receivers(out) };
  }

  #stage(stage: StageStanza): StageNode {
    const known = this.#nodes.get(stage);
    if (known !== undefined) return known;
    const receivers: StageNode[] = [];
    const node = { stage, receivers };
    // Known before its receivers are, so that a circle ends.
    this.#nodes.set(stage, node);
    const channels = PROCESSOR_CHANNELS[stage.processor];
    for (const end of stage.in) this.#checkType(end, channels.in, `${article(stage.processor)} reads`);
    if (channels.out === null) return node;
    for (const end of stage.out) this.#checkType(end, channels.out, `${article(stage.processor)} writes`);
    receivers.push(...this.#receivers(stage.out));
    return node;
  }

  #receivers(out: readonly ChannelEnd[]): StageNode[] {
    const nodes: StageNode[] = [];
    for (const end of out) {
      const reader = this.#readers.get(end.name);
      if (reader === undefined && this.#file.unclear.has(end.name)) continue;
      if (reader === undefined) {
        const near = nearestName(end.name, this.#readers.keys());
        const hint = near === undefined ? undefined : `did you mean '${near}'?`;
        this.#error(`no stage reads the channel '${end.name}'`, end, hint);
        continue;
      }
      if (reader.end.type !== end.type && reader.end.type !== '' && end.type !== '') {
        this.#error(`the channel '${end.name}' is read as '${reader.end.type}' and written as '${end.type}'`, end);
      }
      nodes.push(this.#stage(reader.stage));
    }
    return nodes;
  }

  #addReader(stage: StageStanza, end: ChannelEnd): void {
    const other = this.#readers.get(end.name);
    if (other === undefined) this.#readers.set(end.name, { stage, end });
    else {
      const hint = "give each reader a channel of its own and name them all under the writer's 'out'";
      this.#error(`the channel '${end.name}' is read twice, so each reader would miss records`, end, hint);
    }
  }

  #checkType(end: ChannelEnd, type: string, who: string): void {
    if (end.type === 'otelchan') this.#error("channels of type 'otelchan' are not built into this version", end);
    else if (end.type !== type && end.type !== '')
      this.#error(`${who} channels of type '${type}', not '${end.type}'`, end);
  }

  #error(message: string, at: Pick<ChannelEnd, 'source' | 'range'>, hint?: string): void {
    this.#diagnostics.error('pipeline-wiring', message, at.source, at.range, hint);
  }
}

/** Checks the name of a driver on the command line that the file does not know. */
function checkDriver(driver: string, diagnostics: Diagnostics): void {
  const text = `-driver ${driver}`;
  const setting = { text: driver, source: { path: 'command line', text }, range: { start: 8, end: text.length } };
  readOptions({ driver: DRIVER_SCHEMA.driver }, new Map([['driver', setting]]), diagnostics);
}

function article(processor: string): string {
  return /^[aeiou]/.test(processor) ? `an ${processor}` : `a ${processor}`;
}
