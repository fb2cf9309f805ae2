/** Checks how the stages of a pipeline connect, and builds the tree from the drivers to the exporters. */
import { resolve } from 'node:path';
import type { AnyComponent } from '../components/component.js';
import { type ComponentTable, outTypeOf } from '../components/component-table.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { nearestName } from '../diagnostics/nearest.js';
import { withArticle } from './article.js';
import { type ChannelEnd, PLANNED_CHANNEL } from './channels.js';
import type { DriverStanza, PipelineFile, StageStanza } from './pipeline-file.js';
import { type OptionValues, readValues } from './settings.js';

/** A stage with the stages that read its output. Several readers form a tee. */
export interface StageNode {
  readonly stage: StageStanza;
  readonly receivers: readonly StageNode[];
}

/** A driver with the stages that read its output. */
export interface DriverNode {
  readonly component: AnyComponent;
  readonly options: OptionValues;
  /** Null for the path on the command line. */
  readonly path: string | null;
  readonly receivers: readonly StageNode[];
}

/** The whole pipeline. A stage with several writers appears several times as the same object. */
export interface PipelineTree {
  readonly drivers: readonly DriverNode[];
}

/**
 * Checks how stages connect and returns the tree.
 *
 * @param driver the name on the command line, used if the file has no driver of that name; null for `file`
 */
export function wirePipeline(
  file: PipelineFile,
  components: ComponentTable,
  driver: string | null,
  diagnostics: Diagnostics,
): PipelineTree {
  return new Wiring(file, components, diagnostics).tree(driver);
}

class Wiring {
  readonly #file: PipelineFile;
  readonly #components: ComponentTable;
  readonly #diagnostics: Diagnostics;
  /** Readers by channel name. */
  readonly #readers = new Map<string, { readonly stage: StageStanza; readonly end: ChannelEnd }>();
  readonly #nodes = new Map<StageStanza, StageNode>();
  /** The path from a driver to the current stage. */
  readonly #path: StageStanza[] = [];

  constructor(file: PipelineFile, components: ComponentTable, diagnostics: Diagnostics) {
    this.#file = file;
    this.#components = components;
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
    if (drivers.length > 0) return { drivers: nodes.filter((node) => node !== null) };
    const options = driverOptions(driver, this.#components, this.#diagnostics);
    const component = this.#components.find('driver', options.driver as string);
    if (component === undefined) return { drivers: [] };
    const receivers = open === null ? [] : [this.#stage(open)];
    return { drivers: [{ component, options, path: null, receivers }] };
  }

  /**
   * Reports stages that read a channel to which no stage writes.
   *
   * @returns the stage that the driver of the command line feeds if the file has no driver: the first that
   *   reads records
   */
  #unwritten(written: ReadonlySet<string>, implicitDriver: boolean): StageStanza | null {
    let first: StageStanza | null = null;
    for (const { stage, end } of this.#readers.values()) {
      if (written.has(end.name)) {
        // The driver of the file that the command line excludes would write to it.
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

  /** Two writers of one file would interleave partial records when the disk is full, and rotate it twice. */
  #checkFiles(): void {
    const written = new Set<string>();
    for (const stage of this.#file.stages) {
      for (const { path } of stage.outputs) {
        if (path === null) continue;
        const resolved = resolve(path);
        if (written.has(resolved)) this.#error(`another ${stage.component.name} writes to the file '${path}'`, stage);
        written.add(resolved);
      }
    }
  }

  /** Null for an unknown driver, which has been reported. */
  #driver({ options, out }: DriverStanza): DriverNode | null {
    for (const end of out) this.#checkType(end, 'sysflowchan', 'a driver writes');
    const receivers = this.#receivers(out);
    const component = this.#components.find('driver', options.driver);
    return component === undefined ? null : { component, options, path: options.path, receivers };
  }

  #stage(stage: StageStanza): StageNode {
    const known = this.#nodes.get(stage);
    if (known !== undefined) return known;
    const receivers: StageNode[] = [];
    const node = { stage, receivers };
    this.#nodes.set(stage, node);
    const { component } = stage;
    const who = withArticle(component.name);
    for (const end of stage.in) this.#checkType(end, component.in, `${who} reads`);
    const out = outTypeOf(component, stage.slots);
    if (out === null) return node;
    for (const end of stage.out) this.#checkType(end, out, `${who} writes`);
    this.#path.push(stage);
    receivers.push(...this.#receivers(stage.out));
    this.#path.pop();
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
      if (this.#path.includes(reader.stage)) {
        this.#error(`the channel '${end.name}' leads back to a stage before it, so records would go in a circle`, end);
      } else nodes.push(this.#stage(reader.stage));
    }
    return nodes;
  }

  #addReader(stage: StageStanza, end: ChannelEnd): void {
    const other = this.#readers.get(end.name);
    if (other === undefined) this.#readers.set(end.name, { stage, end });
    else {
      const hint = "give each reader its own channel and list them all under the writer's 'out'";
      this.#error(`the channel '${end.name}' is read twice, so each reader would miss records`, end, hint);
    }
  }

  #checkType(end: ChannelEnd, type: string, who: string): void {
    if (end.type === PLANNED_CHANNEL) this.#error(`channels of type '${PLANNED_CHANNEL}' are not supported`, end);
    else if (end.type !== type && end.type !== '')
      this.#error(`${who} channels of type '${type}', not '${end.type}'`, end);
  }

  #error(message: string, at: Pick<ChannelEnd, 'source' | 'range'>, hint?: string): void {
    this.#diagnostics.error('pipeline-wiring', message, at.source, at.range, hint);
  }
}

/** Returns the options of the driver that the command line names; null selects the default driver. */
function driverOptions(
  driver: string | null,
  { driverSchema }: ComponentTable,
  diagnostics: Diagnostics,
): OptionValues {
  if (driver === null) return readValues(driverSchema, new Map(), diagnostics);
  const text = `-driver ${driver}`;
  const setting = { text: driver, source: { path: 'command line', text }, range: { start: 8, end: text.length } };
  return readValues(driverSchema, new Map([['driver', setting]]), diagnostics);
}
