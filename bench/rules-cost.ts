import { median } from './measure.js';
import type { Options } from './options.js';
import { ourProgram, PIPELINE_ROWS, runProgram, writePipeline } from './rows.js';
import { ROW } from './targets.js';
import { makeWorkload, type Places, type Workload } from './workload.js';

/**
 * What a policy costs: wall seconds of a run over the measured traces, and wall nanoseconds that an event beyond those takes,
 * which tells the cost of an event apart from that of starting.
 */
export interface PolicyCost {
  readonly run: number;
  readonly event: number;
}

/** What 10 and 1,000 rules cost. */
export interface RulesCost {
  readonly few: PolicyCost;
  readonly many: PolicyCost;
}

/** How many times as many traces tell the cost of an event. */
const FURTHER = 4;
/** A run takes less than a second, so that there is time for some more than of other rows. */
const LEAST_TURNS = 7;

/**
 * Measures few and many rules in turns with each other: how fast a machine is changes within minutes.
 *
 * @param events the number in one copy of the traces
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

/** A policy's pipeline file, and what its runs over the measured and over more traces took. */
interface PolicyTurns {
  readonly config: string;
  readonly short: number[];
  readonly long: number[];
}

function costOf({ short, long }: PolicyTurns, beyond: number): PolicyCost {
  const run = median(short)!;
  return { run, event: ((median(long)! - run) * 1e9) / beyond };
}
