import { PIECE_BYTES } from './disk.js';
import type { RulesCost } from './rules-cost.js';
import type { RowResult } from './run-row.js';

/** Names of the rows that targets speak of. */
export const ROW: Readonly<
  Record<
    | 'inflate'
    | 'enrichFile'
    | 'enrichJson'
    | 'enrichEcs'
    | 'alert'
    | 'oneDriver'
    | 'twoDrivers'
    | 'plugin'
    | 'rules10'
    | 'rules1000'
    | 'firstAlert',
    string
  >
> = {
  inflate: 'inflate alone, 1 thread, long',
  enrichFile: 'enrich, JSON to a file',
  enrichJson: 'enrich, JSON to /dev/null, long',
  enrichEcs: 'enrich, ECS to /dev/null, long',
  alert: 'alert, ttps.yaml, null, long',
  oneDriver: 'enrich, null, one driver, long',
  twoDrivers: 'enrich, null, two drivers, long',
  plugin: 'a processor plugin that counts, long',
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
  const cpuPerByte = (name: string): number | null => over(row(name)?.ours.cpu, row(name)?.ours.bytes);
  const inflate = row(ROW.inflate)?.ours;
  const file = row(ROW.enrichFile);
  const first = row(ROW.firstAlert)?.ours.wall ?? null;
  const memories = results.map(({ ours }) => ours.memory).filter((memory) => memory !== null);
  return [
    atMost('alert, ttps.yaml: wall time against inflating alone', over(row(ROW.alert)?.ours.wall, inflate?.wall), 1.3),
    atMost(
      'enrich, JSON to /dev/null: CPU against inflating alone',
      over(row(ROW.enrichJson)?.ours.cpu, inflate?.cpu),
      8,
    ),
    atLeast(
      `enrich, JSON to a file: speed against dd with ${PIECE_BYTES >> 20} MiB`,
      over(file?.writing, file?.ours.wall),
      0.7,
    ),
    atMost('ECS against JSON: CPU for a byte', over(cpuPerByte(ROW.enrichEcs), cpuPerByte(ROW.enrichJson)), 1.5),
    atMost('an event with 1000 rules against 10', over(rulesCost?.many.event, rulesCost?.few.event), 1.2),
    atMost('two drivers against one: CPU', over(row(ROW.twoDrivers)?.ours.cpu, row(ROW.oneDriver)?.ours.cpu), 1.1),
    atLeast(ROW.plugin, row(ROW.plugin)?.ours.perSecond, 500_000, 'events/s'),
    atMost('first alert, ttps.yaml', first === null ? null : first * 1000, 250, 'ms'),
    atMost('peak memory of any row', memories.length === 0 ? null : Math.max(...memories), MEMORY, 'MiB'),
  ];
}

function atLeast(name: string, value: number | null | undefined, bound: number, unit = '×'): TargetResult {
  return { name, value: value ?? null, unit, bound: { kind: 'at least', value: bound } };
}

function atMost(name: string, value: number | null | undefined, bound: number, unit = '×'): TargetResult {
  return { name, value: value ?? null, unit, bound: { kind: 'at most', value: bound } };
}

/** Whether a target was met; null where it was not measured. */
export function isMet({ value, bound }: TargetResult): boolean | null {
  if (value === null) return null;
  return bound.kind === 'at least' ? value >= bound.value : value <= bound.value;
}
