/** The program as users run it: the real command in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { projectRoot } from '../../house/support/project.js';

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds after which the program is killed: a test fails then instead of hanging. */
  readonly timeout?: number;
}

const PROGRAM = join(projectRoot, 'bin/sfprocessor.js');

/** Starts the program with its outputs as pipes. */
export function start(args: readonly string[], { cwd, env = {}, timeout = 20_000 }: RunOptions = {}): ChildProcess {
  return spawn(process.execPath, [PROGRAM, ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    // Nothing of whoever runs the tests may override a pipeline.
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
    killSignal: 'SIGKILL',
  });
}

/** Waits for the end of a started program and gives what it said. */
export async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, stdout, stderr };
}

/** Runs the program to its end. */
export function run(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return outcomeOf(start(args, options));
}

/** A pipeline that enriches, with an exporter as given. */
export function enrichPipeline(exporter: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    pipeline: [
      { processor: 'sysflowreader', in: 'sysflow sysflowchan', out: 'flat flattenerchan' },
      { processor: 'policyengine', mode: 'enrich', in: 'flat flattenerchan', out: 'events eventchan' },
      { processor: 'exporter', export: 'terminal', in: 'events eventchan', ...exporter },
    ],
  });
}
