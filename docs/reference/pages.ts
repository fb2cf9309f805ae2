import { fileURLToPath } from 'node:url';
import { ruleTestSchema } from '../../src/authoring/rule-tests/schema.js';
import { BUILT_IN } from '../../src/components/builtins.js';
import { pipelineSchema } from '../../src/config/json-schema.js';
import { DIAGNOSTIC_CODES } from '../../src/diagnostics/codes.js';
import { policySchema } from '../../src/policy/policy-schema.js';
import { apiReport } from './api-report.js';
import { attributesPage } from './attributes-page.js';
import { commandsPage } from './commands-page.js';
import { manPage } from './man-page.js';
import { code, NOTICE, page, tableOf } from './markdown.js';
import { pipelinePage } from './pipeline-page.js';
import { policiesPage } from './policies-page.js';

/** A page of the reference, made from the tables that the program itself uses. */
export interface ReferencePage {
  /** Path from docs/reference. */
  readonly file: string;
  readonly text: string;
}

/** All generated pages. */
export async function referencePages(): Promise<ReferencePage[]> {
  return [
    { file: 'commands.md', text: await commandsPage() },
    { file: 'pipeline.md', text: pipelinePage() },
    { file: 'policies.md', text: await policiesPage() },
    { file: 'attributes.md', text: attributesPage() },
    { file: 'diagnostics.md', text: diagnosticsPage() },
    { file: '../../resources/man/sfprocessor.1', text: await manPage() },
    apiPage('sfprocessor', 'index.d.ts'),
    apiPage('sfprocessor/sysflow', 'sysflow/index.d.ts'),
    schemaFile('pipeline', pipelineSchema(BUILT_IN)),
    schemaFile('policy', await policySchema()),
    schemaFile('rule-tests', ruleTestSchema()),
  ];
}

/** The API report of an entry point of the package. @param declarations its path in the compiled sources */
function apiPage(name: string, declarations: string): ReferencePage {
  const file = `../api/${name.slice(name.indexOf('/') + 1)}.md`;
  return {
    file,
    text: apiReport(`API of ${name}`, fileURLToPath(new URL(`../../src/${declarations}`, import.meta.url))),
  };
}

/** A JSON Schema, as it ships with the program. */
function schemaFile(name: string, schema: object): ReferencePage {
  return { file: `../../resources/schemas/${name}.schema.json`, text: `${JSON.stringify(schema, null, 2)}\n` };
}

function diagnosticsPage(): string {
  const rows = Object.entries(DIAGNOSTIC_CODES).map(([name, meaning]) => [code(name), meaning]);
  return page([
    '# Diagnostics',
    NOTICE,
    'What is wrong in a pipeline file, a policy, a flag or an environment variable is told as ' +
      '`FILE:LINE:COLUMN: SEVERITY[CODE]: sentence`. An error keeps the program from starting, or leaves out the rule it ' +
      'stands in; a warning and a note do not.',
    tableOf(['code', 'meaning'], rows),
  ]);
}
