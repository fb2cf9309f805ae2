import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Measurement, measure, median } from './measure.js';
import type { Options } from './options.js';
import { ourProgram, PIPELINE_ROWS, type PipelineRow, runProgram, writePipeline } from './rows.js';
import { ROW } from './targets.js';
import { makeWorkload, type Places, type Workload } from './workload.js';

/** Medians of some runs. */
export interface Figures {
  /** Events or records a second; null for what has none. */
  readonly perSecond: number | null;
  readonly wall: number | null;
  readonly cpu: number | null;
  readonly memory: number | null;
  /** Wall seconds of each run. */
  readonly runs: readonly number[];
}

export interface RowResult {
  readonly name: string;
  readonly ours: Figures;
  readonly original: Figures | null;
  /** How many times as many events a second as the original, by the medians. */
  readonly ratio: number | null;
  /** Wall seconds that writing as many bytes alone takes; null where none are written. */
  readonly writing?: number | null;
  readonly failure: string | null;
}

const NO_FIGURES: Figures = { perSecond: null, wall: null, cpu: null, memory: null, runs: [] };

function figuresOf(runs: readonly Measurement[], events: number | null): Figures {
  const wall = median(runs.map((run) => run.wall));
  return {
    perSecond: events === null || wall === null ? null : events / wall,
    wall,
    cpu: median(runs.map((run) => run.cpu)),
    memory: median(runs.map((run) => run.memory)),
    runs: runs.map((run) => run.wall),
  };
}

/** Measures a row, or notes why that was not possible. */
async function attempt(name: string, work: () => Promise<Omit<RowResult, 'name' | 'failure'>>): Promise<RowResult> {
  try {
    return { name, ...(await work()), failure: null };
  } catch (error) {
    return { name, ours: NO_FIGURES, original: null, ratio: null, failure: (error as Error).message };
  }
}

/** One step alone, in a process of its own. */
export interface PartRow {
  readonly name: string;
  readonly step: 'inflate' | 'decode' | 'avsc';
  readonly threads: number;
}

export const PART_ROWS: readonly PartRow[] = [
  { name: 'inflate alone, 1 thread', step: 'inflate', threads: 1 },
  { name: ROW.inflate, step: 'inflate', threads: availableParallelism() },
  { name: 'inflate and decode, 1 thread', step: 'decode', threads: 1 },
  { name: 'inflate and avsc, 1 thread', step: 'avsc', threads: 1 },
];

/** Measures a step; the rate is of records, entities included, without the start of the process. */
export function measurePart(row: PartRow, workload: Workload, { runs }: Options): Promise<RowResult> {
  return attempt(row.name, async () => {
    const script = join(dirname(fileURLToPath(import.meta.url)), 'part.js');
    const measured: Measurement[] = [];
    const rates: number[] = [];
    for (let run = 0; run < runs; run++) {
      const one = await measure(
        process.execPath,
        [script, row.step, workload.path, String(row.threads)],
        workload.path,
      );
      const { records, seconds } = JSON.parse(one.output) as { records: number; seconds: number };
      measured.push(one);
      rates.push(records / seconds);
    }
    return { ours: { ...figuresOf(measured, null), perSecond: median(rates) }, original: null, ratio: null };
  });
}

/** The number of events in one copy of the traces: what enriching them gives. */
export async function countEvents(places: Places): Promise<number> {
  const row = PIPELINE_ROWS.find(({ name }) => name === ROW.enrich)!;
  const config = writePipeline(row, places, 'count')!;
  const { path } = makeWorkload(places, 1);
  await runProgram(ourProgram(places), config, path, places);
  const output = readFileSync(join(places.work, 'output.jsonl'));
  rmSync(join(places.work, 'output.jsonl'));
  let lines = 0;
  for (let at = output.indexOf(10); at !== -1; at = output.indexOf(10, at + 1)) lines++;
  return lines;
}

/** Measures a run of the whole program, in turns with the original; `events` is the number in one copy of the traces. */
export function measurePipeline(
  row: PipelineRow,
  workload: Workload,
  places: Places,
  options: Options,
  events: number,
): Promise<RowResult> {
  return attempt(row.name, async () => {
    const config = writePipeline(row, places, 'pipeline');
    if (config === null) throw new Error('skipped, since there is no reference data');
    const copies = Math.min(options.copies, row.originalCopies);
    const theirWorkload = copies === options.copies ? workload : makeWorkload(places, copies);
    const output = join(places.work, 'output.jsonl');
    let written = 0;
    const run = async (command: readonly string[], path: string): Promise<Measurement> => {
      if (written > 0) settleDisk();
      const one = await runProgram(command, config, path, places);
      written = statSync(output, { throwIfNoEntry: false })?.size ?? 0;
      rmSync(output, { force: true });
      return one;
    };
    const program = ourProgram(places);
    const ours: Measurement[] = [];
    const theirs: Measurement[] = [];
    for (let turn = 0; turn < options.runs; turn++) {
      ours.push(await run(program, workload.path));
      // A run that takes minutes is done once.
      if (places.original !== null && (turn === 0 || theirs[0]!.wall < 60)) {
        theirs.push(await run([places.original], theirWorkload.path));
      }
    }
    const writing = Array.from({ length: written > 0 ? options.runs : 0 }, () => timeWriting(output, written));
    const own = figuresOf(ours, events * workload.copies);
    const original = theirs.length === 0 ? null : figuresOf(theirs, events * copies);
    const ratio = original === null ? null : own.perSecond! / original.perSecond!;
    return { ours: own, original, ratio, writing: median(writing) };
  });
}

/** Waits until the disk has done what the run before left to it, so that no program pays for another. */
function settleDisk(): void {
  spawnSync('sync');
}

/** Writes so many bytes to a file, as large pieces that need no work, and removes it; gives the wall seconds of writing. */
function timeWriting(path: string, bytes: number): number {
  settleDisk();
  const piece = Buffer.alloc(1 << 20);
  const file = openSync(path, 'w');
  const start = performance.now();
  for (let left = bytes; left > 0; left -= piece.length) writeSync(file, piece, 0, Math.min(left, piece.length));
  const seconds = (performance.now() - start) / 1000;
  closeSync(file);
  rmSync(path);
  return seconds;
}

/** How long a user waits for the first output of a command on a small trace. */
export interface LatencyRow {
  readonly name: string;
  /** What follows the program's name; null where that needs something that is not at hand. */
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

/** Measures the time to the first byte of output; the wall time is that. */
export function measureLatency(row: LatencyRow, places: Places, { runs }: Options): Promise<RowResult> {
  return attempt(row.name, async () => {
    const own = row.args(places);
    if (own === null) throw new Error('skipped, since there is no reference data');
    const measured: Measurement[] = [];
    for (let run = 0; run < Math.max(runs, 5); run++) {
      // 1 where a rule has an error: the shipped policies of the original have some.
      const command = [join(places.root, 'bin/sfprocessor.js'), ...own];
      const one = await measure(process.execPath, command, places.work, [0, 1]);
      if (one.firstOutput === null) throw new Error('no output');
      measured.push({ ...one, wall: one.firstOutput });
    }
    return { ours: figuresOf(measured, null), original: null, ratio: null };
  });
}
