/** Implements `sfprocessor explain`. */

import { explanationText, painter, placeText } from '../../authoring/explanation-text.js';
import { droppingFilter, NearestMisses } from '../../authoring/nearest-miss.js';
import { hasUnreadTraces, type MakeStage, readTraces } from '../../authoring/read-traces.js';
import { recordLineFormatter } from '../../authoring/record-line.js';
import { SelectedRecords } from '../../authoring/record-selection.js';
import { summarizeTraces } from '../../authoring/summary.js';
import { positionAt } from '../../diagnostics/format.js';
import { expandTraces } from '../../drivers/trace-files.js';
import type { ByteBuffer } from '../../exporter/byte-buffer.js';
import { createJsonEncoder } from '../../exporter/encoders/json.js';
import { terminalText } from '../../exporter/encoders/terminal-text.js';
import { type Explanation, explainRule } from '../../policy/engine/explain.js';
import { evaluateCondition } from '../../policy/engine/interpreter.js';
import type { Policy, Rule } from '../../policy/model/policy.js';
import type { FlatBatch } from '../../records/flat-batch.js';
import { FlatRecord } from '../../records/flat-record.js';
import type { Receiver } from '../../streams/receiver.js';
import { countedWithCommas, withCommas } from '../../telemetry/counted.js';
import type { CommandIo } from '../command-io.js';
import { loadCommandPolicy } from '../load-policy.js';
import { countOf, type Described, limitOf, usageProblem } from '../option-table.js';
import type { ParsedOptions } from '../options.js';
import { PieceWriter } from '../piece-writer.js';
import { policyPaths } from '../policy-option.js';
import { selectionOf, timeRangeOf } from '../record-options.js';
import { ruleProblem } from '../rule-options.js';
import { printsIntoTrace, readingOf } from '../trace-files.js';

const DEFAULT_LIMIT = 10;

/**
 * @returns 0, 1 where something in the rules is wrong, 2 if the rule is unknown, or 3 where a trace cannot be read or a
 *   record is left out
 */
export async function runExplain(command: Described, options: ParsedOptions, io: CommandIo): Promise<number> {
  const time = timeRangeOf(options, Date.now());
  if (typeof time === 'string') return usageProblem(command, time, io);
  const traces = expandTraces(options.words);
  if (printsIntoTrace(traces, 'explain', io)) return 1;
  const { policy, hasErrors } = await loadCommandPolicy(policyPaths(options), io);
  const name = options.values.get('rule')!;
  const problem = ruleProblem(name, policy.rules);
  if (problem !== null) return usageProblem(command, problem, io);
  const rules = policy.rules.filter((rule) => rule.name === name);
  const look = { all: options.flags.has('all'), color: io.color, sources: traces.length > 1 };
  const render = options.flags.has('json') ? jsonRenderer() : textRenderer(look);
  const misses = countOf(options, 'misses', 0);
  const limit = misses > 0 ? 0 : limitOf(options, DEFAULT_LIMIT);
  if (hasErrors) io.note(1);
  const out = new PieceWriter(io);
  const explainer = new Explainer(policy, rules, { limit, misses }, render, out);
  const select: MakeStage = (next) => new SelectedRecords(selectionOf(options, time), next);
  const report = await readTraces(traces, [select, () => explainer], readingOf(io));
  const isWhole = await out.end();
  for (const line of [explainer.summary(), ...summarizeTraces(report)]) io.err(line);
  if (!isWhole || hasUnreadTraces(report)) return 3;
  return hasErrors ? 1 : 0;
}

/** Appends the explanation of a rule for a record, with a line end. */
type Renderer = (rule: Rule, record: FlatRecord, out: ByteBuffer) => void;

/** Style of text: whether it shows all alternatives, colors, and the trace of each record. */
interface TextLook {
  readonly all: boolean;
  readonly color: boolean;
  readonly sources: boolean;
}

function textRenderer({ all, color, sources }: TextLook): Renderer {
  const line = recordLineFormatter(color, sources);
  const paint = painter(color);
  return (rule, record, out) => {
    const heading = `${paint('macro', terminalText(rule.name))}  ${paint('dim', placeText(rule.place))}`;
    out.appendText(`${heading}\n`);
    out.appendText(line(record));
    out.appendText(`\n${explanationText(explainRule(rule, record), { color, all }, 2)}\n`);
  };
}

function jsonRenderer(): Renderer {
  const encoder = createJsonEncoder();
  return (rule, record, out) => {
    const explained = JSON.stringify({ rule: rule.name, ...explanationJson(explainRule(rule, record)) });
    out.appendText(`${explained.slice(0, -1)},"record":`);
    encoder.encode(record, out);
    out.appendAscii('}\n');
  };
}

function explanationJson({ held, kind, text, place, terms }: Explanation): object {
  const { line, column } = positionAt(place.source.text, place.range.start);
  return { held, kind, text, place: { path: place.source.path, line, column }, terms: terms.map(explanationJson) };
}

/** Explains the records that rules match, or those that nearly match. */
class Explainer implements Receiver<FlatBatch> {
  readonly #policy: Policy;
  readonly #rules: readonly Rule[];
  readonly #bounds: { readonly limit: number; readonly misses: number };
  readonly #misses: readonly NearestMisses<FlatRecord>[];
  readonly #render: Renderer;
  readonly #out: PieceWriter;
  readonly #record = new FlatRecord();
  #records = 0;
  #hits = 0;
  #dropped = 0;

  /** @param bounds limits for hits, which are printed immediately, and for misses, which are printed at the end */
  constructor(
    policy: Policy,
    rules: readonly Rule[],
    bounds: { readonly limit: number; readonly misses: number },
    render: Renderer,
    out: PieceWriter,
  ) {
    this.#policy = policy;
    this.#rules = rules;
    this.#bounds = bounds;
    this.#render = render;
    this.#out = out;
    this.#misses = rules.map((rule) => new NearestMisses(rule, bounds.misses, keepRecord, dropRecord));
  }

  async push(batch: FlatBatch): Promise<void> {
    this.#records += batch.count;
    for (let i = 0; i < batch.count; i++) {
      const record = this.#record.moveTo(batch, batch.rows[i]!);
      for (const [index, rule] of this.#rules.entries()) {
        if (this.#look(rule, index, record)) await this.#print(rule, record);
      }
    }
    batch.release();
    await this.#out.write();
  }

  async end(): Promise<void> {
    for (const misses of this.#misses) {
      for (const { kept } of misses.list) await this.#print(misses.rule, kept);
    }
  }

  /** Summarizes the results in a line. */
  summary(): string {
    const hits = `${countedWithCommas(this.#hits, 'match', 'matches')} in ${countedWithCommas(this.#records, 'record')}`;
    const dropped = this.#dropped === 0 ? '' : `, and ${withCommas(this.#dropped)} more that filters drop`;
    const shown = this.#bounds.misses === 0 && this.#hits > this.#bounds.limit ? `; ${this.#bounds.limit} shown` : '';
    return `${hits}${dropped}${shown}`;
  }

  /** Counts a record. Returns whether to print it as a hit of the rule. */
  #look(rule: Rule, index: number, record: FlatRecord): boolean {
    if (!matches(rule, record)) {
      if (this.#bounds.misses > 0) this.#misses[index]!.add(record);
      return false;
    }
    if (droppingFilter(this.#policy, record) !== undefined) {
      this.#dropped++;
      return false;
    }
    return ++this.#hits <= this.#bounds.limit;
  }

  #print(rule: Rule, record: FlatRecord): Promise<void> | undefined {
    return this.#out.add((out) => this.#render(rule, record, out));
  }
}

/** Creates a separate view of a record and retains its batch, since an explanation can be far larger than the record. */
function keepRecord({ batch, row }: FlatRecord): FlatRecord {
  batch.retain();
  return new FlatRecord().moveTo(batch, row);
}

function dropRecord({ batch }: FlatRecord): void {
  batch.release();
}

function matches(rule: Rule, record: FlatRecord): boolean {
  if (rule.prefilter.length > 0 && !rule.prefilter.includes(record.type)) return false;
  return evaluateCondition(rule.condition, record);
}
