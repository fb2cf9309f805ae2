import { median } from './measure.js';
import type { Options } from './options.js';
import { ourProgram, PIPELINE_ROWS, runProgram, writePipeline } from './rows.js';
import { ROW } from './targets.js';
import { makeWorkload, type Places, type Workload } from './workload.js';

/**
 * The cost of a policy: wall time of a run over the measured traces in seconds, and wall time per event of additional
 * traces in nanoseconds, which excludes start-up.
 */
export interface PolicyCost {
  readonly run: number;
  readonly event: number;
}

/** The cost of 10 and of 1,000 rules. */
export interface RulesCost {
  readonly few: PolicyCost;
  readonly many: PolicyCost;
}

/** Factor of additional traces for measuring the cost per event. */
const FURTHER = 4;
/** Minimum number of turns: a run takes less than a second, so more turns are affordable than for other rows. */
const LEAST_TURNS = 7;

/**
 * Measures few and many rules alternately, since the speed of a machine varies within minutes.
 *
 * @param events the number of events in one copy of the traces
 */
export async function measureRulesCost(
  workload: Workload,
  places: Places,
  options: Options,
  events: number,
): Promise<RulesCost> {
  const further = makeWorkload(places, workload.copies * FURTHER);
  const [few, many] = [ROW.rules10, ROW.rules1000].map((name, index) => {
    const row = PIPELINE_ROWS.find((one) => one.name === name)!;
    return {
      config: writePipeline(row, places, `rules-cost-${index}`, '')!,
      short: [] as number[],
      long: [] as number[],
    };
  }) as [PolicyTurns, PolicyTurns];
  const run = async (config: string, { path }: Workload): Promise<number> =>
    (await runProgram(ourProgram(places), config, path, places)).wall;
  for (let turn = 0; turn < Math.max(options.runs, LEAST_TURNS); turn++) {
    for (const policy of [few, many]) policy.short.push(await run(policy.config, workload));
    for (const policy of [few, many]) policy.long.push(await run(policy.config, further));
  }
  const beyond = events * (further.copies - workload.copies);
  return { few: costOf(few, beyond), many: costOf(many, beyond) };
}

/** The pipeline file of a policy, and the durations of its runs over the measured and the additional traces. */
interface PolicyTurns {
  readonly config: string;
  readonly short: number[];
  readonly long: number[];
}

function costOf({ short, long }: PolicyTurns, beyond: number): PolicyCost {
  const run = median(short)!;
  return { run, event: ((median(long)! - run) * 1e9) / beyond };
}
