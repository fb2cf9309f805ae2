import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateRules } from './generated-rules.js';
import { type Measurement, measure } from './measure.js';
import { ROW } from './targets.js';
import type { Places } from './workload.js';

/** A measurement of the whole program. */
export interface PipelineRow {
  readonly name: string;
  /** Stanza of the policy engine without name and channels. */
  readonly engine: (places: Places) => Readonly<Record<string, string>> | null;
  readonly exporter: (output: string) => Readonly<Record<string, string>>;
  /** Whether it measures throughput with the long workload, in which start-up time is negligible. */
  readonly isLong: boolean;
  /** Number of drivers that share the traces; two drivers read one half each. */
  readonly drivers?: 1 | 2;
  /** Maximum number of copies of the traces for a slow rival. */
  readonly rivalCopies?: number;
  /** Whether to run this program without acceleration too, alternately. */
  readonly isWithoutAcceleration?: boolean;
  /** The text of a module with a processor named `counter`, which replaces the engine and the exporter. */
  readonly plugin?: string;
}

const enrich = (): Record<string, string> => ({ mode: 'enrich' });
const toNull = (): Record<string, string> => ({ export: 'null', format: 'json' });
const toFile = (output: string): Record<string, string> => ({ export: 'file', 'file.path': output, format: 'json' });
const toDevNull = (format: string) => (): Record<string, string> => ({
  export: 'file',
  'file.path': '/dev/null',
  format,
});

/** Generates a policy on first use. */
function generated(count: number): PipelineRow['engine'] {
  return ({ work }) => {
    const policies = join(work, `rules-${count}.yaml`);
    writeFileSync(policies, generateRules(count));
    return { mode: 'alert', policies };
  };
}

/** The shipped policy of the original that its figures are known for; null if it is not at hand. */
function shipped({ reference }: Places): Record<string, string> | null {
  return reference === null
    ? null
    : { mode: 'alert', policies: join(reference, 'policies/runtimeintegrity/ttps.yaml') };
}

/** Counts the records of each batch, written as a user would. */
const COUNTER = `export default {
  apiVersion: 1,
  kind: 'processor',
  name: 'counter',
  summary: 'Counts records',
  in: 'flattenerchan',
  out: null,
  options: {},
  create(options, { log }) {
    let count = 0;
    return {
      push(batch) {
        batch.forEach(() => count++);
        batch.release();
      },
      end: async () => log('info', \`\${count} records\`),
    };
  },
};
`;

export const PIPELINE_ROWS: readonly PipelineRow[] = [
  { name: ROW.enrichFile, engine: enrich, exporter: toFile, isLong: false },
  { name: ROW.enrichJson, engine: enrich, exporter: toDevNull('json'), isLong: true, isWithoutAcceleration: true },
  { name: ROW.enrichEcs, engine: enrich, exporter: toDevNull('ecs'), isLong: true },
  { name: ROW.alert, engine: shipped, exporter: toNull, isLong: true, isWithoutAcceleration: true },
  { name: ROW.oneDriver, engine: enrich, exporter: toNull, isLong: true },
  { name: ROW.twoDrivers, engine: enrich, exporter: toNull, isLong: true, drivers: 2 },
  { name: ROW.plugin, engine: enrich, exporter: toNull, isLong: true, plugin: COUNTER },
  { name: ROW.rules10, engine: generated(10), exporter: toNull, isLong: false, rivalCopies: 2 },
  { name: ROW.rules1000, engine: generated(1000), exporter: toNull, isLong: false, rivalCopies: 1 },
];

/**
 * Writes the pipeline file of a row.
 *
 * @param traces the folder of traces; two drivers read its subfolders `a` and `b`
 * @returns its path, or null if the row needs unavailable data
 */
export function writePipeline(row: PipelineRow, places: Places, name: string, traces: string): string | null {
  const engine = row.engine(places);
  if (engine === null) return null;
  const reader = {
    processor: 'sysflowreader',
    handler: 'flattener',
    in: 'sysflow sysflowchan',
    out: 'flat flattenerchan',
  };
  const path = join(places.work, `${name}.json`);
  if (row.plugin !== undefined) {
    writeFileSync(join(places.work, 'counter.mjs'), row.plugin);
    const pipeline = [reader, { processor: 'counter', in: 'flat flattenerchan' }];
    writeFileSync(path, JSON.stringify({ plugins: ['./counter.mjs'], pipeline }, null, 2));
    return path;
  }
  const output = join(places.work, 'output.jsonl');
  const pipeline = [
    reader,
    // Strings, since the original does not accept numbers.
    { processor: 'policyengine', in: 'flat flattenerchan', out: 'events eventchan', concurrency: '5', ...engine },
    { processor: 'exporter', in: 'events eventchan', ...row.exporter(output) },
  ];
  const halves = ['a', 'b'].map((half) => ({ driver: 'file', path: join(traces, half), out: 'sysflow sysflowchan' }));
  writeFileSync(path, JSON.stringify(row.drivers === 2 ? { pipeline, drivers: halves } : { pipeline }, null, 2));
  return path;
}

/** Returns the command of this program. */
export function ourProgram({ root }: Places): readonly string[] {
  return [process.execPath, join(root, 'bin/sfprocessor.js')];
}

/** Runs a program on a folder of traces with a pipeline file. */
export function runProgram(
  [command, ...first]: readonly string[],
  config: string,
  traces: string,
  { work }: Places,
  environment: Readonly<Record<string, string>> = {},
): Promise<Measurement> {
  const args = [...first, '-driver', 'file', '-config', config, '-log', 'error', traces];
  return measure(command!, args, work, [0], environment);
}
