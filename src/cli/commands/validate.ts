import { resourcePath } from '../../config/resources.js';
import { countBySeverity, Diagnostics } from '../../diagnostics/diagnostic.js';
import { formatDiagnostic } from '../../diagnostics/format.js';
import { toRecords, toSarif } from '../../diagnostics/structured.js';
import { actionsOf } from '../../policy/actions/actions-of.js';
import { limitDiagnostics } from '../../policy/files/limit-diagnostics.js';
import { nodeFileSystem } from '../../policy/files/node-file-system.js';
import { type LoadedPolicies, loadPolicies } from '../../policy/load-policies.js';
import { counted } from '../../telemetry/counted.js';
import type { Command } from '../command.js';
import type { CommandIo } from '../command-io.js';
import { type OptionTable, readOptions, usageProblem } from '../option-table.js';
import type { ParsedOptions } from '../options.js';
import { VERSION } from '../version.js';

const OPTIONS: OptionTable = {
  strict: { description: 'Warnings count as errors do for the exit status' },
  actiondir: {
    value: 'FOLDER',
    description: 'Where the actions are that rules name. Default: those that ship with the program',
  },
  json: { description: 'Print counts and all problems as one JSON object' },
  sarif: { description: 'Print all problems in the format of code scanners (SARIF 2.1.0)' },
  schema: { description: 'Print the JSON Schema of policy files, for editors' },
};

/**
 * `sfprocessor validate`: reports all problems in policy files. Exit status 1 if there are errors, and with `--strict`
 * also if there are warnings. `--schema` prints the JSON Schema of policy files for editors instead.
 */
export const validateCommand: Command = {
  name: 'validate',
  usage: '[--strict] [--json | --sarif] PATH... | --schema',
  summary: 'Check policy files and folders: all problems at once, each with its place and what to do',
  options: OPTIONS,
  words: 'files',
  run: async (args, io) => {
    const options = readOptions(validateCommand, args, io);
    if (typeof options === 'number') return options;
    const problem = contradiction(options);
    if (problem !== null) return usageProblem(validateCommand, problem, io);
    if (options.flags.has('schema')) {
      const { policySchema } = await import('../../policy/policy-schema.js');
      io.out(`${JSON.stringify(await policySchema(), null, 2)}\n`);
      return 0;
    }
    const loaded = await loadAll(options.words, options.values.get('actiondir') ?? resourcePath('actions'));
    const counts = countBySeverity(loaded.all);
    const status = counts.error > 0 || (options.flags.has('strict') && counts.warning > 0) ? 1 : 0;
    io.note(status);
    if (options.flags.has('json')) io.out(`${JSON.stringify(toJson(loaded), null, 2)}\n`);
    else if (options.flags.has('sarif')) {
      const tool = { name: 'sfprocessor', version: VERSION };
      io.out(`${JSON.stringify(toSarif(loaded.diagnostics, tool), null, 2)}\n`);
    } else print(loaded, io);
    return status;
  },
};

function contradiction({ flags, words }: ParsedOptions): string | null {
  if (flags.has('schema')) return words.length === 0 ? null : '--schema takes no paths';
  if (flags.has('json') && flags.has('sarif')) return 'choose one of --json and --sarif';
  return words.length === 0 ? 'no policy file or folder' : null;
}

/** Loads policies with their diagnostics, including those of the actions that their rules name. */
async function loadAll(paths: readonly string[], actionFolder: string): Promise<LoadedPolicies> {
  const loaded = await loadPolicies(paths, nodeFileSystem, { analyze: true });
  const problems = new Diagnostics();
  await actionsOf(loaded.policy, actionFolder, problems);
  if (problems.items.length === 0) return loaded;
  const all = [...loaded.all, ...problems.items];
  return { ...loaded, all, diagnostics: limitDiagnostics(all, loaded.sources) };
}

function print(loaded: LoadedPolicies, io: CommandIo): void {
  for (const diagnostic of loaded.diagnostics) {
    io.print(`${formatDiagnostic(diagnostic, { color: io.color, excerpt: true })}\n`);
  }
  const { error, warning, note } = countBySeverity(loaded.all);
  const read = [
    counted(loaded.sources.length, 'file'),
    counted(loaded.policy.rules.length, 'rule'),
    counted(loaded.policy.filters.length, 'filter'),
    counted(loaded.macros, 'macro'),
    counted(loaded.lists, 'list'),
  ];
  io.print(
    `${read.join(', ')}: ${counted(error, 'error')}, ${counted(warning, 'warning')}, ${counted(note, 'note')}\n`,
  );
}

function toJson({ sources, policy, macros, lists, all, diagnostics }: LoadedPolicies): object {
  const { error, warning, note } = countBySeverity(all);
  return {
    files: sources.length,
    rules: policy.rules.length,
    filters: policy.filters.length,
    macros,
    lists,
    errors: error,
    warnings: warning,
    notes: note,
    diagnostics: toRecords(diagnostics),
  };
}
