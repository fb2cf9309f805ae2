import type { RuleLanguage, SourceText } from 'sfprocessor';

/**
 * A language whose files list paths to watch, a line each: `NAME: PATH`. It is translated to the rules of SysFlow, which
 * sfprocessor loads and checks.
 */
const language: RuleLanguage & { readonly apiVersion: 1 } = {
  apiVersion: 1,
  kind: 'language',
  name: '{{name}}',
  summary: 'Lists of paths to watch',
  options: {},
  extensions: ['.watch'],
  claims: ({ path }) => path.endsWith('.watch'),
  load(sources, { loadSysflow }) {
    if (loadSysflow === undefined) throw new TypeError('sfprocessor sets it');
    return loadSysflow(sources.map(translate));
  },
  describe: async () => ({ schema: {}, items: [], priorities: new Map() }),
};

export default language;

function translate({ path, text }: SourceText): SourceText {
  const rules = text.split('\n').flatMap((line) => {
    const [, name, file] = /^\s*([^#:]+?)\s*:\s*(\S+)\s*$/.exec(line) ?? [];
    return name === undefined || file === undefined ? [] : [rule(name, file)];
  });
  return { path, text: rules.join('\n') };
}

/** Texts are written as JSON, which YAML is: nothing in a file can become more of a rule than a name or a path. */
function rule(name: string, file: string): string {
  const condition = `sf.file.path = ${JSON.stringify(file)}`;
  return [
    `- rule: ${JSON.stringify(name)}`,
    `  desc: ${JSON.stringify(`${file} was used`)}`,
    `  condition: ${JSON.stringify(condition)}`,
    '  priority: medium',
  ].join('\n');
}
