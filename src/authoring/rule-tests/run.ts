/** Runs rule tests with the regular engine, and searches for explanations if a rule did not fire. */
import { type Diagnostic, Diagnostics } from '../../diagnostics/diagnostic.js';
import { nearestName } from '../../diagnostics/nearest.js';
import { expandTraces } from '../../drivers/trace-files.js';
import { shorten } from '../../exporter/encoders/terminal-text.js';
import { createPolicyEngine, type PolicyEngineOptions } from '../../policy/engine/policy-engine.js';
import { readTexts } from '../../policy/engine/values.js';
import { nodeFileSystem } from '../../policy/files/node-file-system.js';
import { type LoadedPolicies, loadPolicies, loadPolicyTexts } from '../../policy/load-policies.js';
import type { FieldValue, Place, Policy } from '../../policy/model/policy.js';
import type { FlatBatch } from '../../records/flat-batch.js';
import { FlatRecord } from '../../records/flat-record.js';
import type { Receiver } from '../../streams/receiver.js';
import { distanceTo, droppingFilter, NearestMisses, type NearMiss } from '../nearest-miss.js';
import { hasUnreadTraces, type MakeStage, readTraces, type TraceReport, type TraceSource } from '../read-traces.js';
import { recordLineFormatter } from '../record-line.js';
import { compare, type Difference } from './compare.js';
import type { PolicyReference, RaisedAlert, RaisedAlerts, RuleTest } from './model.js';
import { traceBytes } from './trace-bytes.js';

/** A difference between expectation and result, with a possible explanation. */
export interface Failure {
  readonly difference: Difference;
  /** The nearest record, for a rule with too few alerts. */
  readonly miss: NearMiss<string> | null;
  /** A record that matches the rule and that a filter drops, with the filter's name. */
  readonly dropped: { readonly line: string; readonly filter: string } | null;
}

export interface RuleTestResult {
  readonly test: RuleTest;
  /** Problems with the rules, their names or the traces; the test fails regardless of its expectations. */
  readonly problems: readonly Diagnostic[];
  readonly failures: readonly Failure[];
  /** Whether a trace could not be read; `problems` has the reason. */
  readonly unreadTraces: boolean;
  /** Alerts of the rules that the test selects. */
  readonly alerts: RaisedAlerts;
}

/** Whether the result meets all expectations. */
export function passed({ problems, failures }: RuleTestResult): boolean {
  return problems.length === 0 && failures.length === 0;
}

/** Runs tests one by one; rules that several tests share are loaded once. */
export class RuleTestRunner {
  readonly #line: (record: FlatRecord) => string;
  readonly #loaded = new Map<string, Promise<LoadedPolicies>>();

  /** @param color whether the lines of records have ANSI colors */
  constructor(color: boolean) {
    this.#line = boundedLiner(color);
  }

  async run(test: RuleTest): Promise<RuleTestResult> {
    const loaded = await this.#load(test.policy);
    const diagnostics = new Diagnostics();
    for (const item of loaded.diagnostics) if (item.severity === 'error') diagnostics.add(item);
    checkRuleNames(test, loaded.policy, diagnostics);
    const policy = select(loaded.policy, test);
    const source = test.input.kind === 'traces' ? expandTraces(test.input.paths) : await traceBytes(test.input.records);
    const collector = new AlertCollector(test, this.#line);
    const options: PolicyEngineOptions = { mode: 'alert', actions: new Map(), now: () => 0, onActionProblem: () => {} };
    const evaluate: MakeStage = (next) => createPolicyEngine(options, policy, next);
    const report = await readTraces(source, [evaluate, () => collector]);
    reportTraces(report, test, diagnostics);
    const differences = compare(test.expectations ?? [], collector.alerts);
    const failures = await this.#explain(differences, policy, source);
    const unreadTraces = hasUnreadTraces(report);
    return { test, problems: diagnostics.items, failures, unreadTraces, alerts: collector.alerts };
  }

  #load(reference: PolicyReference): Promise<LoadedPolicies> {
    const key =
      reference.kind === 'paths' ? reference.paths.join('\0') : `${reference.text.path}\0${reference.text.text}`;
    let loaded = this.#loaded.get(key);
    if (loaded === undefined) {
      loaded =
        reference.kind === 'paths' ? loadPolicies(reference.paths, nodeFileSystem) : loadPolicyTexts([reference.text]);
      this.#loaded.set(key, loaded);
    }
    return loaded;
  }

  /** Searches for the records nearest to rules with too few alerts. */
  async #explain(differences: readonly Difference[], policy: Policy, source: TraceSource): Promise<Failure[]> {
    const lacking = new Set(differences.filter(({ lacks }) => lacks).map(({ rule }) => rule));
    const search = new MissSearch(policy, lacking, this.#line);
    if (lacking.size > 0) await readTraces(source, [() => search]);
    return differences.map((difference) => ({
      difference,
      miss: search.misses.get(difference.rule)?.list[0] ?? null,
      dropped: search.dropped.get(difference.rule) ?? null,
    }));
  }
}

/** Maximum length of a record's line, characters; the lines of all alerts are kept in case they turn out to be unexpected. */
const LONGEST_LINE = 2000;

/** Formats records as lines, truncated (without colors) if too long. */
function boundedLiner(color: boolean): (record: FlatRecord) => string {
  const line = recordLineFormatter(color);
  const plain = recordLineFormatter(false);
  return (record) => {
    const whole = line(record);
    if (whole.length <= LONGEST_LINE) return whole;
    // A copy, since a substring keeps the whole string in memory.
    return Buffer.from(shorten(plain(record), LONGEST_LINE)).toString();
  };
}

/** Returns a policy with the rules that the test selects and all filters. */
function select({ rules, filters }: Policy, test: RuleTest): Policy {
  if (test.rules === null) return { rules, filters };
  const wanted = new Set(test.rules.map(({ name }) => name));
  return { rules: rules.filter(({ name }) => wanted.has(name)), filters };
}

/** Reports unknown rules in the test, and expectations of rules that it does not select. */
function checkRuleNames(test: RuleTest, policy: Policy, diagnostics: Diagnostics): void {
  const known = new Set(policy.rules.map(({ name }) => name));
  const looked = test.rules === null ? known : new Set(test.rules.map(({ name }) => name));
  const check = (name: string, place: Place): void => {
    if (!known.has(name)) {
      const nearest = nearestName(name, known);
      const hint = nearest === undefined ? undefined : `did you mean '${nearest}'?`;
      diagnostics.error('invalid-value', `unknown rule '${name}'`, place.source, place.range, hint);
    } else if (!looked.has(name)) {
      const message = `the test does not use the rule '${name}'`;
      diagnostics.error('invalid-value', message, place.source, place.range, "add it to 'rules'");
    }
  };
  for (const { name, place } of test.rules ?? []) check(name, place);
  for (const { rule, place } of test.expectations ?? []) check(rule, place);
}

function reportTraces(report: TraceReport, { place }: RuleTest, diagnostics: Diagnostics): void {
  for (const { path, message, severity } of report.problems) {
    if (severity === 'error') diagnostics.error('file-unreadable', `${path} ${message}`, place.source, place.range);
  }
}

/** Collects alerts by rule. */
class AlertCollector implements Receiver<FlatBatch> {
  readonly alerts = new Map<string, RaisedAlert[]>();
  readonly #attributes = new Map<string, Map<string, FieldValue>>();
  readonly #line: (record: FlatRecord) => string;
  readonly #record = new FlatRecord();
  /** Shares equal values of many alerts. */
  readonly #texts = new Map<string, string>();

  constructor(test: RuleTest, line: (record: FlatRecord) => string) {
    this.#line = line;
    for (const { rule, alerts } of test.expectations ?? []) {
      const attributes = alerts.flatMap(({ values }) => values.map((value) => [value.attribute, value.field] as const));
      this.#attributes.set(rule, new Map(attributes));
    }
  }

  push(batch: FlatBatch): undefined {
    for (let i = 0; i < batch.count; i++) this.#add(this.#record.moveTo(batch, batch.rows[i]!));
    batch.release();
    return undefined;
  }

  async end(): Promise<void> {}

  #add(record: FlatRecord): void {
    for (const { name } of record.context?.rules ?? []) {
      const attributes = [...(this.#attributes.get(name) ?? [])];
      const values = new Map(
        attributes.map(([attribute, field]) => [attribute, this.#shared(readTexts(field, record))]),
      );
      const alert = { line: this.#line(record), values };
      const alerts = this.alerts.get(name);
      if (alerts === undefined) this.alerts.set(name, [alert]);
      else alerts.push(alert);
    }
  }

  #shared(texts: readonly string[]): readonly string[] {
    return texts.map((text) => {
      const known = this.#texts.get(text);
      if (known === undefined) this.#texts.set(text, text);
      return known ?? text;
    });
  }
}

/** Finds the records nearest to rules that should have fired, and those that a filter dropped. */
class MissSearch implements Receiver<FlatBatch> {
  readonly misses = new Map<string, NearestMisses<string>>();
  readonly dropped = new Map<string, { line: string; filter: string }>();
  readonly #policy: Policy;
  readonly #line: (record: FlatRecord) => string;
  readonly #record = new FlatRecord();

  constructor(policy: Policy, rules: ReadonlySet<string>, line: (record: FlatRecord) => string) {
    this.#policy = policy;
    this.#line = line;
    for (const rule of policy.rules) {
      if (rules.has(rule.name) && rule.enabled) this.misses.set(rule.name, new NearestMisses(rule, 1, line));
    }
  }

  push(batch: FlatBatch): undefined {
    for (let i = 0; i < batch.count; i++) this.#look(this.#record.moveTo(batch, batch.rows[i]!));
    batch.release();
    return undefined;
  }

  async end(): Promise<void> {}

  #look(record: FlatRecord): void {
    for (const [name, misses] of this.misses) {
      misses.add(record);
      if (this.dropped.has(name) || distanceTo(misses.rule, record) > 0) continue;
      const filter = droppingFilter(this.#policy, record);
      if (filter !== undefined) this.dropped.set(name, { line: this.#line(record), filter: filter.name });
    }
  }
}
