import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LineFormat } from './alert-line.js';

/** A recorded output and the run that must reproduce it. */
export interface ConformanceCase {
  /** `enrich.jsonl`, `alert-ttps.ecsl`, `probe-probes-a.tsv`, … */
  readonly name: string;
  readonly format: LineFormat;
  /** Policy file or folder below `policies/`, or null. */
  readonly policy: string | null;
  /** The stanzas of the reader and the policy engine, without names and channels. */
  readonly reader: Readonly<Record<string, string>>;
  readonly engine: Readonly<Record<string, string>>;
  /** Why the program cannot run it yet, or null. */
  readonly pending: string | null;
}

/** Policies of the `alert-*` cases whose file has a different name. */
const POLICIES: Readonly<Record<string, string>> = {
  ttps: 'runtimeintegrity/ttps.yaml',
  runtimeintegrity: 'runtimeintegrity',
  distribution: 'distribution/filter.yaml',
  sigma: 'sigma/rules',
};

/**
 * Returns the case of a file of recorded output.
 *
 * @param file its name, `CASE.FORMAT.gz`
 * @param policies the folder of policies, relative to which paths of policy stanzas are resolved
 * @returns null for an unknown form of name
 */
export function caseOf(file: string, policies: string): ConformanceCase | null {
  const match = /^(enrich|ratelimit|alert|probe)(?:-(.+))?\.(jsonl|ecsl|tsv)\.gz$/.exec(file);
  if (match === null) return null;
  const [, mode, subject] = match;
  const common = { name: file.slice(0, -'.gz'.length), format: match[3] as LineFormat, reader: {} };
  if (mode === 'ratelimit') {
    const reader = { 'filter.enabled': 'on', 'filter.maxage': '24h' };
    return { ...common, reader, policy: null, engine: { mode: 'enrich' }, pending: null };
  }
  if (subject === undefined) return { ...common, policy: null, engine: { mode: 'enrich' }, pending: null };
  const policy = mode === 'probe' ? `probes/${subject}.yaml` : policyOf(subject, policies);
  const engine = {
    mode: mode === 'enrich' ? 'enrich' : 'alert',
    policies: join(policies, policy),
    ...(subject === 'sigma' ? { language: 'sigma', config: join(policies, 'sigma/config/sysflow.yml') } : {}),
  };
  const pending = subject === 'sigma' ? 'Sigma rules are not read yet' : null;
  return { ...common, policy, engine, pending };
}

/** Returns the policy of a case from the table above, or by searching the folder for a file of that name. */
function policyOf(subject: string, policies: string): string {
  const listed = POLICIES[subject];
  if (listed !== undefined) return listed;
  const file = `${subject}.yaml`;
  return readdirSync(policies, { recursive: true, encoding: 'utf8' }).find((path) => path.endsWith(file)) ?? file;
}

/** Returns the pipeline file of a case that writes to `output`. */
export function pipelineOf(one: ConformanceCase, output: string): string {
  const format = one.format === 'ecsl' ? 'ecs' : 'json';
  const pipeline = [
    {
      processor: 'sysflowreader',
      handler: 'flattener',
      in: 'sysflow sysflowchan',
      out: 'flat flattenerchan',
      ...one.reader,
    },
    // A string, since the original does not accept numbers; 1, since its order is stable only with one worker.
    { processor: 'policyengine', in: 'flat flattenerchan', out: 'events eventchan', concurrency: '1', ...one.engine },
    { processor: 'exporter', in: 'events eventchan', export: 'file', 'file.path': output, format },
  ];
  return `${JSON.stringify({ pipeline }, null, 2)}\n`;
}
