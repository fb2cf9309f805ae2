import { PIECE_BYTES } from './disk.js';
import type { RulesCost } from './rules-cost.js';
import type { RowResult } from './run-row.js';

/** Names of the rows that targets refer to. */
export const ROW: Readonly<
  Record<
    | 'inflate'
    | 'serialStreams'
    | 'streamsAtOnce'
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
  serialStreams: '500 streams, one after another',
  streamsAtOnce: '64 streams at once, 6 times',
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

/** The name of this program's runs without acceleration, which alternate with accelerated runs. */
export const WITHOUT_ACCELERATION = 'acceleration off';

/** A target with its measurement. */
export interface TargetResult {
  readonly name: string;
  /** Null if a row that it needs was not measured. */
  readonly value: number | null;
  readonly unit: string;
  readonly bound: { readonly kind: 'at least' | 'at most'; readonly value: number };
  /** Whether the value is within the bound; null if it was not measured. */
  readonly met: boolean | null;
}

/** Memory limit of all rows, MiB. */
const MEMORY = 256;

/** Maximum growth of memory that counts as constant, MiB: a single leaked stream takes several. */
const FLAT = 32;

/** Returns the targets with their measurements. */
export function targetsOf(results: readonly RowResult[], rulesCost: RulesCost | null): TargetResult[] {
  const row = (name: string): RowResult | undefined => results.find((one) => one.name === name && one.failure === null);
  const over = (a: number | null | undefined, b: number | null | undefined): number | null =>
    a == null || b == null ? null : a / b;
  const cpuPerByte = (name: string): number | null => over(row(name)?.ours.cpu, row(name)?.ours.bytes);
  const gained = (name: string): number | null => {
    const plain = row(name)?.rivals.find((rival) => rival.name === WITHOUT_ACCELERATION);
    return over(plain?.figures.cpu, row(name)?.ours.cpu);
  };
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
    atLeast('alert, ttps.yaml: CPU without acceleration against with', gained(ROW.alert), 1.1),
    atLeast('enrich, JSON to /dev/null: CPU without acceleration against with', gained(ROW.enrichJson), 1.1),
    atMost(`${ROW.serialStreams}: growth of memory`, row(ROW.serialStreams)?.grown, FLAT, 'MiB'),
    atMost(`${ROW.streamsAtOnce}: growth of memory`, row(ROW.streamsAtOnce)?.grown, FLAT, 'MiB'),
    atLeast(ROW.plugin, row(ROW.plugin)?.ours.perSecond, 500_000, 'events/s'),
    atMost('first alert, ttps.yaml', first === null ? null : first * 1000, 250, 'ms'),
    atMost('peak memory of any row', memories.length === 0 ? null : Math.max(...memories), MEMORY, 'MiB'),
  ];
}

function atLeast(name: string, value: number | null | undefined, bound: number, unit = '×'): TargetResult {
  return target(name, value, unit, { kind: 'at least', value: bound });
}

function atMost(name: string, value: number | null | undefined, bound: number, unit = '×'): TargetResult {
  return target(name, value, unit, { kind: 'at most', value: bound });
}

function target(
  name: string,
  value: number | null | undefined,
  unit: string,
  bound: TargetResult['bound'],
): TargetResult {
  if (value == null) return { name, value: null, unit, bound, met: null };
  const met = bound.kind === 'at least' ? value >= bound.value : value <= bound.value;
  return { name, value, unit, bound, met };
}
