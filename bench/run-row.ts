import { readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { settleDisk, timeWriting } from './disk.js';
import { type Measurement, measure, median } from './measure.js';
import type { Options } from './options.js';
import { ourProgram, PIPELINE_ROWS, type PipelineRow, runProgram, writePipeline } from './rows.js';
import { ROW, WITHOUT_ACCELERATION } from './targets.js';
import { makeWorkload, type Places, type Rival, type Workload } from './workload.js';

/** Medians of several runs. */
export interface Figures {
  /** Events or records per second; null if not applicable. */
  readonly perSecond: number | null;
  readonly wall: number | null;
  readonly cpu: number | null;
  readonly memory: number | null;
  /** Bytes that a run writes; null if that is not known. */
  readonly bytes: number | null;
  /** Wall time of each run, seconds. */
  readonly runs: readonly number[];
}

/** Results of a rival, a program that was run alternately with this one. */
export interface RivalResult {
  readonly name: string;
  readonly figures: Figures;
  /** Ratio of events per second of this program to those of the rival, by medians. */
  readonly ratio: number;
}

export interface RowResult {
  readonly name: string;
  readonly ours: Figures;
  readonly rivals: readonly RivalResult[];
  /** Wall seconds that writing as many bytes with `dd` takes; null if none are written. */
  readonly writing?: number | null;
  /** Growth of resident memory in MiB, for rows that measure it. */
  readonly grown?: number | null;
  readonly failure: string | null;
}

const NO_FIGURES: Figures = { perSecond: null, wall: null, cpu: null, memory: null, bytes: null, runs: [] };

function figuresOf(runs: readonly Measurement[], events: number | null, bytes: number | null = null): Figures {
  const wall = median(runs.map((run) => run.wall));
  return {
    perSecond: events === null || wall === null ? null : events / wall,
    wall,
    cpu: median(runs.map((run) => run.cpu)),
    memory: median(runs.map((run) => run.memory)),
    bytes,
    runs: runs.map((run) => run.wall),
  };
}

/** Measures a row, or records why it failed. */
async function attempt(name: string, work: () => Promise<Omit<RowResult, 'name' | 'failure'>>): Promise<RowResult> {
  try {
    return { name, ...(await work()), failure: null };
  } catch (error) {
    return { name, ours: NO_FIGURES, rivals: [], failure: (error as Error).message };
  }
}

/** One step, run in a separate process. */
export interface PartRow {
  readonly name: string;
  /** A script in this folder. */
  readonly script: 'part.js' | 'streams.js';
  readonly step: string;
  readonly traces: 'one copy' | 'usual' | 'long';
}

export const PART_ROWS: readonly PartRow[] = [
  { name: ROW.inflate, script: 'part.js', step: 'inflate', traces: 'long' },
  { name: 'inflate and decode, 1 thread, long', script: 'part.js', step: 'decode', traces: 'long' },
  { name: 'inflate and avsc, 1 thread', script: 'part.js', step: 'avsc', traces: 'usual' },
  { name: ROW.serialStreams, script: 'streams.js', step: 'serial', traces: 'one copy' },
  { name: ROW.streamsAtOnce, script: 'streams.js', step: 'at-once', traces: 'one copy' },
];

/** Measures a step. The rate counts records, including entities, and excludes the start of the process. */
export function measurePart(row: PartRow, places: Places, { runs, copies, long }: Options): Promise<RowResult> {
  return attempt(row.name, async () => {
    const script = join(dirname(fileURLToPath(import.meta.url)), row.script);
    const { path } = makeWorkload(places, { 'one copy': 1, usual: copies, long }[row.traces]);
    const measured: Measurement[] = [];
    const rates: number[] = [];
    const grown: number[] = [];
    for (let run = 0; run < runs; run++) {
      const one = await measure(process.execPath, ['--expose-gc', script, row.step, path], path);
      const output = JSON.parse(one.output) as { records: number; seconds: number; grown?: number };
      measured.push(one);
      rates.push(output.records / output.seconds);
      if (output.grown !== undefined) grown.push(output.grown);
    }
    const ours = { ...figuresOf(measured, null), perSecond: median(rates) };
    return { ours, rivals: [], grown: median(grown) };
  });
}

/** Results of enriching one copy of the traces. */
export interface CopyCounts {
  readonly events: number;
  /** Bytes of output by format. */
  readonly bytes: Readonly<Record<string, number>>;
}

/** Counts the events in one copy of the traces and the bytes of their outputs. */
export async function countCopy(places: Places): Promise<CopyCounts> {
  const { path } = makeWorkload(places, 1);
  const output = join(places.work, 'output.jsonl');
  const bytes: Record<string, number> = {};
  let events = 0;
  const row = PIPELINE_ROWS.find(({ name }) => name === ROW.enrichFile)!;
  for (const format of ['json', 'ecs']) {
    const exporter = (file: string): Record<string, string> => ({ ...row.exporter(file), format });
    const config = writePipeline({ ...row, exporter }, places, 'count', path)!;
    await runProgram(ourProgram(places), config, path, places);
    const written = readFileSync(output);
    rmSync(output);
    bytes[format] = written.length;
    events = 0;
    for (let at = written.indexOf(10); at !== -1; at = written.indexOf(10, at + 1)) events++;
  }
  return { events, bytes };
}

/** Measures a run of the whole program, alternately with its rivals. */
export function measurePipeline(
  row: PipelineRow,
  places: Places,
  options: Options,
  counts: CopyCounts,
): Promise<RowResult> {
  return attempt(row.name, async () => {
    const copies = row.isLong ? options.long : options.copies;
    const workload = makeWorkload(places, copies, row.drivers ?? 1);
    const config = writePipeline(row, places, 'pipeline', workload.path);
    if (config === null) throw new Error('skipped: the reference data is missing');
    const output = join(places.work, 'output.jsonl');
    let written = 0;
    const run = async ({ command, environment }: Rival, { path }: Workload): Promise<Measurement> => {
      if (written > 0) settleDisk();
      const one = await runProgram(command, config, path, places, environment);
      written = statSync(output, { throwIfNoEntry: false })?.size ?? 0;
      rmSync(output, { force: true });
      return one;
    };
    const own: Rival = { name: 'ours', command: ourProgram(places), isSlow: false };
    const plain: Rival = { ...own, name: WITHOUT_ACCELERATION, environment: { SFPROCESSOR_ACCEL: 'off' } };
    const rivals = row.isWithoutAcceleration === true ? [plain, ...places.rivals] : places.rivals;
    const ours: Measurement[] = [];
    const writing: number[] = [];
    const turns = rivals.map((rival) => ({ rival, workload: workloadOf(rival), runs: [] as Measurement[] }));
    function workloadOf({ isSlow }: Rival): Workload {
      const most = isSlow ? Math.min(options.copies, row.rivalCopies ?? Number.POSITIVE_INFINITY) : copies;
      return most < copies ? makeWorkload(places, most, row.drivers ?? 1) : workload;
    }
    for (let turn = 0; turn < options.runs; turn++) {
      ours.push(await run(own, workload));
      if (written > 0) writing.push(timeWriting(output, written));
      for (const { rival, workload: theirs, runs } of turns) {
        // Runs longer than a minute are not repeated.
        if (turn === 0 || runs[0]!.wall < 60) runs.push(await run(rival, theirs));
      }
    }
    const bytes = counts.bytes[row.exporter('').format ?? ''];
    const figures = figuresOf(ours, counts.events * copies, bytes === undefined ? null : bytes * copies);
    const results = turns.map(({ rival: { name }, workload: theirs, runs }) => {
      const other = figuresOf(runs, counts.events * theirs.copies);
      return { name, figures: other, ratio: figures.perSecond! / other.perSecond! };
    });
    return { ours: figures, rivals: results, writing: median(writing) };
  });
}

/** Latency until the first output of a command on a small trace. */
export interface LatencyRow {
  readonly name: string;
  /** What follows the program's name; null if that needs something that is not at hand. */
  readonly args: (places: Places) => readonly string[] | null;
}

export const LATENCY_ROWS: readonly LatencyRow[] = [
  { name: 'start: -version', args: () => ['-version'] },
  {
    name: 'first record, bundled trace',
    args: ({ root }) => [
      ...['-config', join(root, 'resources/pipelines/activity.json'), '-log', 'error'],
      join(root, 'resources/traces/web-attack.sf'),
    ],
  },
  {
    name: 'first alert, bundled rules and trace',
    args: ({ root }) => ['alert', join(root, 'resources/traces/web-attack.sf')],
  },
  {
    name: ROW.firstAlert,
    args: ({ reference }) =>
      reference === null
        ? null
        : ['alert', '-p', join(reference, 'policies/runtimeintegrity/ttps.yaml'), join(reference, 'traces/tcp.sf')],
  },
];

/** Measures the time to the first byte of output and reports it as wall time. */
export function measureLatency(row: LatencyRow, places: Places, { runs }: Options): Promise<RowResult> {
  return attempt(row.name, async () => {
    const own = row.args(places);
    if (own === null) throw new Error('skipped: the reference data is missing');
    const measured: Measurement[] = [];
    for (let run = 0; run < Math.max(runs, 5); run++) {
      // Accepts status 1 for errors in rules, which the original's policies contain.
      const command = [join(places.root, 'bin/sfprocessor.js'), ...own];
      const one = await measure(process.execPath, command, places.work, [0, 1]);
      if (one.firstOutput === null) throw new Error('no output');
      measured.push({ ...one, wall: one.firstOutput });
    }
    return { ours: figuresOf(measured, null), rivals: [] };
  });
}
