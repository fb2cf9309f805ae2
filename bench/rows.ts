import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateRules } from './generated-rules.js';
import { type Measurement, measure } from './measure.js';
import { ROW } from './targets.js';
import type { Places } from './workload.js';

/** A run of the whole program that both we and the original do. */
export interface PipelineRow {
  readonly name: string;
  /** The stanzas of the policy engine and the exporter, beyond their names and channels. */
  readonly engine: (places: Places) => Readonly<Record<string, string>> | null;
  readonly exporter: (output: string) => Readonly<Record<string, string>>;
  /** How many copies of the traces the original reads at most: it takes minutes for many rules. */
  readonly originalCopies: number;
}

const enrich = (): Record<string, string> => ({ mode: 'enrich' });
const toNull = (): Record<string, string> => ({ export: 'null', format: 'json' });
const toFile = (output: string): Record<string, string> => ({ export: 'file', 'file.path': output, format: 'json' });

/** A generated policy, written on first use. */
function generated(count: number): PipelineRow['engine'] {
  return ({ work }) => {
    const policies = join(work, `rules-${count}.yaml`);
    writeFileSync(policies, generateRules(count));
    return { mode: 'alert', policies };
  };
}

/** The shipped policy of the original that its figures are known for; null where it is not at hand. */
function shipped({ reference }: Places): Record<string, string> | null {
  return reference === null
    ? null
    : { mode: 'alert', policies: join(reference, 'policies/runtimeintegrity/ttps.yaml') };
}

export const PIPELINE_ROWS: readonly PipelineRow[] = [
  { name: 'enrich, null', engine: enrich, exporter: toNull, originalCopies: Infinity },
  { name: ROW.enrich, engine: enrich, exporter: toFile, originalCopies: Infinity },
  { name: ROW.alert, engine: shipped, exporter: toNull, originalCopies: Infinity },
  { name: ROW.rules10, engine: generated(10), exporter: toNull, originalCopies: 2 },
  { name: 'alert, 100 rules, null', engine: generated(100), exporter: toNull, originalCopies: 2 },
  { name: ROW.rules1000, engine: generated(1000), exporter: toNull, originalCopies: 1 },
];

/**
 * Writes the pipeline file of a row.
 *
 * @returns its path, or null where the row needs something that is not at hand
 */
export function writePipeline(row: PipelineRow, places: Places, name: string): string | null {
  const engine = row.engine(places);
  if (engine === null) return null;
  const output = join(places.work, 'output.jsonl');
  const pipeline = [
    { processor: 'sysflowreader', handler: 'flattener', in: 'sysflow sysflowchan', out: 'flat flattenerchan' },
    // Strings, since the original takes no numbers.
    { processor: 'policyengine', in: 'flat flattenerchan', out: 'events eventchan', concurrency: '5', ...engine },
    { processor: 'exporter', in: 'events eventchan', ...row.exporter(output) },
  ];
  const path = join(places.work, `${name}.json`);
  writeFileSync(path, JSON.stringify({ pipeline }, null, 2));
  return path;
}

/** Our program. */
export function ourProgram({ root }: Places): readonly string[] {
  return [process.execPath, join(root, 'bin/sfprocessor.js')];
}

/** Runs a program on a folder of traces with a pipeline file. */
export function runProgram(
  [command, ...first]: readonly string[],
  config: string,
  traces: string,
  { work }: Places,
): Promise<Measurement> {
  return measure(command!, [...first, '-driver', 'file', '-config', config, '-log', 'error', traces], work);
}
