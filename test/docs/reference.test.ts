import assert from 'node:assert/strict';
import { test } from 'node:test';
import { referencePages } from '../../docs/reference/pages.js';
import { DIAGNOSTIC_CODES } from '../../src/diagnostics/codes.js';
import { FIELDS } from '../../src/fields/table.js';
import { projectFiles, projectText } from '../house/support/project.js';

for (const { file, text } of await referencePages()) {
  test(`docs/reference/${file} is current: npm run docs writes it`, () => {
    assert.equal(projectText(`docs/reference/${file}`), text);
  });
}

test('every diagnostic code and every attribute is documented', () => {
  const diagnostics = projectText('docs/reference/diagnostics.md');
  for (const code of Object.keys(DIAGNOSTIC_CODES)) assert.ok(diagnostics.includes(`| \`${code}\` |`), code);
  const attributes = projectText('docs/reference/attributes.md');
  for (const { name } of FIELDS) assert.ok(attributes.includes(`| \`${name}\``), name);
});

test('every diagnostic code is one that something reports', () => {
  const sources = projectFiles('src').filter((path) => path !== 'src/diagnostics/codes.ts');
  const text = sources.map(projectText).join('\n');
  const unused = Object.keys(DIAGNOSTIC_CODES).filter((code) => !text.includes(`'${code}'`));
  assert.deepEqual(unused, []);
});
