/** `npm run bench`: see README.md. Exit status 0, 1 if a program failed, 2 for wrong options. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { textTable } from '../src/cli/text-table.js';
import { HELP, type Options, parseOptions } from './options.js';
import { PIPELINE_ROWS } from './rows.js';
import { measureRulesCost, type RulesCost } from './rules-cost.js';
import {
  countCopy,
  LATENCY_ROWS,
  measureLatency,
  measurePart,
  measurePipeline,
  PART_ROWS,
  type RowResult,
} from './run-row.js';
import { ROW, targetsOf } from './targets.js';
import { makeWorkload, type Places, type Rival } from './workload.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options === null || typeof options === 'string') {
    process.stderr.write(options === null ? HELP : `${options}\n${HELP}`);
    return options === null ? 0 : 2;
  }
  const work = mkdtempSync(join(tmpdir(), 'sfprocessor-bench-'));
  try {
    const figures = await measureAll(options, findPlaces(work, options));
    process.stdout.write(`\n${table(figures)}\n${targetTable(figures)}`);
    if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(report(options, figures), null, 2)}\n`);
    return figures.results.some((result) => result.failure !== null) ? 1 : 0;
  } finally {
    rmSync(work, { recursive: true });
  }
}

function findPlaces(work: string, options: Options): Places {
  const shared = options.reference === null ? join(root, '../shared') : resolve(options.reference);
  const reference = existsSync(join(shared, 'traces')) ? shared : null;
  return { root, reference, rivals: rivalsOf(options), work };
}

function rivalsOf({ original, against }: Options): Rival[] {
  const rivals: Rival[] = [];
  if (original !== null) rivals.push({ name: 'original', command: [resolve(original)], isSlow: true });
  if (against !== null) {
    const command = [process.execPath, join(resolve(against), 'bin/sfprocessor.js')];
    rivals.push({ name: 'earlier build', command, isSlow: false });
  }
  return rivals;
}

/** All measurements. */
interface BenchFigures {
  readonly results: readonly RowResult[];
  /** Null if one of its two rows was not asked for, or failed. */
  readonly rulesCost: RulesCost | null;
}

async function measureAll(options: Options, places: Places): Promise<BenchFigures> {
  const wanted = (name: string): boolean =>
    options.only.length === 0 || options.only.some((text) => name.includes(text));
  const workload = makeWorkload(places, options.copies);
  const long = makeWorkload(places, options.long);
  const sizes = [workload, long].map(({ files, megabytes }) => `${files} files, ${megabytes.toFixed(1)} MB`);
  process.stderr.write(`${sizes[0]}; long: ${sizes[1]}\n`);
  const results: RowResult[] = [];
  const add = async (name: string, measureRow: () => Promise<RowResult>): Promise<void> => {
    if (!wanted(name)) return;
    process.stderr.write(`${name}…\n`);
    results.push(await measureRow());
  };
  for (const row of PART_ROWS) await add(row.name, () => measurePart(row, places, options));
  const isAny = PIPELINE_ROWS.some((row) => wanted(row.name));
  const counts = isAny ? await countCopy(places) : { events: 0, bytes: {} };
  for (const row of PIPELINE_ROWS) {
    // Other programs cannot load these plugins.
    const rowPlaces = row.plugin === undefined ? places : { ...places, rivals: [] };
    await add(row.name, () => measurePipeline(row, rowPlaces, options, counts));
  }
  for (const row of LATENCY_ROWS) await add(row.name, () => measureLatency(row, places, options));
  const ran = [ROW.rules10, ROW.rules1000].every((name) =>
    results.some((result) => result.name === name && result.failure === null),
  );
  if (!ran) return { results, rulesCost: null };
  process.stderr.write('1000 rules against 10…\n');
  return { results, rulesCost: await measureRulesCost(workload, places, options, counts.events) };
}

/** A number for people; a dash if there is none. */
function figure(value: number | null, digits = 0): string {
  if (value === null) return '–';
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Formats the targets that were measured. */
function targetTable({ results, rulesCost }: BenchFigures): string {
  const rows = targetsOf(results, rulesCost)
    .filter((target) => target.value !== null)
    .map((target) => {
      const { name, value, unit, bound, met } = target;
      const digits = unit === '×' ? 2 : 0;
      return [name, `${figure(value, digits)} ${unit}`, `${bound.kind} ${bound.value}`, met ? 'met' : 'MISSED'];
    });
  return rows.length === 0 ? '' : textTable([['target', 'measured', 'wanted', ''], ...rows], 'lrl');
}

function table({ results, rulesCost }: BenchFigures): string {
  const head = ['row', 'per second', 'wall s', 'CPU s', 'MiB', 'in turns with'];
  const rows = results.map(({ name, ours, rivals }) => [
    name,
    figure(ours.perSecond),
    figure(ours.wall, 3),
    figure(ours.cpu, 2),
    figure(ours.memory),
    rivals.map((rival) => `${rival.name}: ${figure(rival.ratio, 2)}×`).join(', '),
  ]);
  const writing = results
    .filter((row) => row.writing != null)
    .map((row) => `\n${row.name}: dd writes as many bytes in ${figure(row.writing!, 3)} s\n`);
  const failures = results
    .filter(({ failure }) => failure !== null)
    .map(({ name, failure }) => `\n${name}: ${failure}\n`);
  return textTable([head, ...rows], 'lrrrrl') + [...writing, costs(rulesCost), ...failures].join('');
}

function costs(rulesCost: RulesCost | null): string {
  if (rulesCost === null) return '';
  const { few, many } = rulesCost;
  const runs = `a run takes ${figure(many.run, 3)} s against ${figure(few.run, 3)} s`;
  return `\n1000 rules against 10, in turns: ${runs}, an event ${figure(many.event)} ns against ${figure(few.event)} ns\n`;
}

function report(options: Options, { results, rulesCost }: BenchFigures): object {
  const machine = { cpu: cpus()[0]?.model ?? '', cores: availableParallelism(), node: process.version };
  const targets = targetsOf(results, rulesCost);
  return { machine, runs: options.runs, copies: options.copies, long: options.long, rows: results, rulesCost, targets };
}

process.exitCode = await main(process.argv.slice(2));
