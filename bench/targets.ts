import { availableParallelism } from 'node:os';
import type { RulesCost } from './rules-cost.js';
import type { RowResult } from './run-row.js';

/** Names of the rows that targets speak of. */
export const ROW: Readonly<Record<'inflate' | 'enrich' | 'alert' | 'rules10' | 'rules1000' | 'firstAlert', string>> = {
  inflate: `inflate alone, ${availableParallelism()} threads`,
  enrich: 'enrich, JSON to a file',
  alert: 'alert, ttps.yaml, null',
  rules10: 'alert, 10 rules, null',
  rules1000: 'alert, 1000 rules, null',
  firstAlert: 'first alert, ttps.yaml',
};

/** A target and how it was met. */
export interface TargetResult {
  readonly name: string;
  /** Null where a row that it needs was not measured. */
  readonly value: number | null;
  readonly unit: string;
  readonly bound: { readonly kind: 'at least' | 'at most'; readonly value: number };
}

/** The largest memory that any row may take, MiB. */
const MEMORY = 256;

/** What is promised of the figures. */
export function targetsOf(results: readonly RowResult[], rulesCost: RulesCost | null): TargetResult[] {
  const row = (name: string): RowResult | undefined => results.find((one) => one.name === name && one.failure === null);
  const over = (a: number | null | undefined, b: number | null | undefined): number | null =>
    a == null || b == null ? null : a / b;
  const alert = row(ROW.alert);
  const rules1000 = row(ROW.rules1000);
  const first = row(ROW.firstAlert)?.ours.wall ?? null;
  const memories = results.map(({ ours }) => ours.memory).filter((memory) => memory !== null);
  return [
    atLeast('enrich to a file: times the original', row(ROW.enrich)?.ratio, 10),
    atLeast('alert, ttps.yaml: times the original', alert?.ratio, 60),
    atLeast('alert, 1000 rules: times the original', rules1000?.ratio, 1000),
    atMost('a run with 1000 rules against 10', over(rulesCost?.many.run, rulesCost?.few.run), 1.5),
    atMost('an event with 1000 rules against 10', over(rulesCost?.many.event, rulesCost?.few.event), 1.5),
    atMost('alert, ttps.yaml, against inflating alone', over(alert?.ours.wall, row(ROW.inflate)?.ours.wall), 4),
    atMost('first alert, ttps.yaml', first === null ? null : first * 1000, 300, 'ms'),
    atMost('peak memory of any row', memories.length === 0 ? null : Math.max(...memories), MEMORY, 'MiB'),
  ];
}

function atLeast(name: string, value: number | null | undefined, bound: number): TargetResult {
  return { name, value: value ?? null, unit: '×', bound: { kind: 'at least', value: bound } };
}

function atMost(name: string, value: number | null | undefined, bound: number, unit = '×'): TargetResult {
  return { name, value: value ?? null, unit, bound: { kind: 'at most', value: bound } };
}

/** Whether a target was met; null where it was not measured. */
export function isMet({ value, bound }: TargetResult): boolean | null {
  if (value === null) return null;
  return bound.kind === 'at least' ? value >= bound.value : value <= bound.value;
}
