import { join } from 'node:path';
import type { ProcessorComponent } from '../components/processor.js';
import { Diagnostics } from '../diagnostics/diagnostic.js';
import type { ActionComponent } from './actions/action.js';
import type { EngineOptionValues } from './engine-options.js';
import { type EngineComponents, type LoadedPolicy, loadPolicy } from './engine-policies.js';
import { EngineStage, type PreparedPolicy } from './engine-stage.js';
import type { RuleLanguage } from './languages/language.js';
import { policyNotes } from './policy-notes.js';

const SECOND = 1000;
/** The folder of the actions beside the program. */
const ACTION_FOLDER = '../resources/actions';

/** The actions that rules name. */
function namedActions({ policy, actions }: LoadedPolicy): ActionComponent[] {
  const names = new Set(policy.rules.flatMap((rule) => rule.actions));
  return [...actions.values()].filter(({ name }) => names.has(name));
}

export const policyEngine: ProcessorComponent<EngineOptionValues> = {
  kind: 'processor',
  name: 'policyengine',
  summary: 'Evaluates rules',
  in: 'flattenerchan',
  out: 'eventchan',
  options: {
    policies: {
      type: 'texts',
      default: null,
      paths: true,
      description:
        'A policy file, or a folder that is read with its subfolders (`.yaml`, `.yml`; files of rule tests, `.test.yaml`, are passed over); or an array of them. Required in mode `alert`.',
    },
    mode: {
      type: 'choice',
      choices: ['alert', 'enrich', 'bypass'],
      fallback: 'enrich',
      default: 'alert',
      description:
        '`alert` passes on records that a rule matches, `enrich` all records with the rules that match attached, `bypass` all records untouched.',
    },
    language: {
      type: 'choice',
      choices: ['sysflow'],
      planned: ['sigma'],
      synonyms: { falco: 'sysflow' },
      default: 'sysflow',
      description: 'The language of the policies. `falco` is accepted for rules in the SysFlow dialect.',
    },
    config: {
      type: 'text',
      default: null,
      inert: 'Sigma rules are not supported yet',
      description: 'The field mapping of Sigma rules.',
    },
    strict: {
      type: 'switch',
      default: false,
      description: 'Refuse to start where a policy file or rule has an error, instead of running the others.',
    },
    monitor: {
      type: 'choice',
      choices: ['none', 'local'],
      default: 'none',
      description:
        'Whether policies are loaded again when they change: `local` watches the files, those in subfolders too.',
    },
    'monitor.interval': {
      type: 'duration',
      plain: 'seconds',
      default: 30 * SECOND,
      description: 'How often the files are looked at, at most ten times a second.',
    },
    concurrency: {
      type: 'integer',
      minimum: 1,
      maximum: 1024,
      default: 5,
      description:
        'With 2 or more, a second thread reads and decompresses large input where a second core is free; with 1, one thread does everything. The output is the same.',
    },
    actiondir: {
      type: 'text',
      default: ACTION_FOLDER,
      description: 'The folder of the actions that rules may name; the default is looked for beside the program.',
    },
  },
  verify({ mode }, written) {
    if (mode !== 'alert' || written.has('policies')) return [];
    return [{ code: 'missing-key', message: "mode 'alert' needs the key 'policies'" }];
  },
  threads: ({ concurrency }) => concurrency,
  async prepare(options, { diagnostics, strict, resources, components }) {
    const own: EngineComponents = {
      languages: components('language') as readonly RuleLanguage[],
      actions: components('action') as readonly ActionComponent[],
    };
    const actiondir = options.actiondir === ACTION_FOLDER ? join(resources, 'actions') : options.actiondir;
    const found = new Diagnostics();
    const loaded = await loadPolicy({ ...options, actiondir }, own, found);
    for (const item of found.items) diagnostics.add(item);
    const isUnreadable = found.items.some(({ severity, code }) => severity === 'error' && code === 'file-unreadable');
    return {
      value: { loaded, components: own } satisfies PreparedPolicy,
      components: namedActions(loaded),
      files: loaded.sources.map(({ path }) => ({ path, name: `the policy file '${path}'` })),
      refused: isUnreadable || ((strict || options.strict) && found.hasErrors),
      notes: policyNotes(options, loaded, found.hasErrors),
    };
  },
  create: (options, environment) => new EngineStage(options, environment.prepared as PreparedPolicy, environment),
};
