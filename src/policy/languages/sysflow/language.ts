import type { RuleLanguage } from '../language.js';

/** SysFlow's dialect of Falco's language. Its loader is imported on first use. */
export const sysflowLanguage: RuleLanguage = {
  kind: 'language',
  name: 'sysflow',
  summary: "Rules, filters, macros and lists in YAML, in SysFlow's dialect of Falco's language",
  options: {},
  extensions: ['.yaml', '.yml'],
  claims: () => true,
  load: async (sources, options) => (await import('./load.js')).loadRules(sources, options),
  describe: async () => {
    const [{ policySchema }, { ITEMS, SEVERITIES }] = await Promise.all([
      import('./json-schema.js'),
      import('./keys.js'),
    ]);
    return { schema: policySchema(), items: ITEMS, priorities: SEVERITIES };
  },
};
