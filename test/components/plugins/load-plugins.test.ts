import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { BUILT_IN } from '../../../src/components/builtins.js';
import { type LoadOptions, loadPlugins } from '../../../src/components/plugins/load-plugins.js';
import { pluginFileOf } from '../../../src/components/plugins/plugin.js';
import { Diagnostics } from '../../../src/diagnostics/diagnostic.js';
import { formatDiagnostic } from '../../../src/diagnostics/format.js';
import { moduleText, writeFolder } from './support/plugin-folder.js';

interface Request {
  /** Files by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Folders of plugins, relative; the whole where it is left out. */
  readonly folders?: readonly string[];
  /** What `conf/pipeline.json` names. */
  readonly named?: readonly string[];
  readonly options?: Partial<LoadOptions>;
}

/** Loads plugins of a folder of its own; gives `kind name file` of each, and what is wrong. */
async function load(t: TestContext, { files, folders = [''], named = [], options }: Request) {
  const root = await writeFolder(t, files);
  const diagnostics = new Diagnostics();
  const source = { path: join(root, 'conf/pipeline.json'), text: '{}' };
  const plugins = await loadPlugins(
    {
      folders: folders.map((folder) => join(root, folder)),
      named: named.map((text) => ({ text, source, range: null })),
    },
    { builtIn: BUILT_IN, ...options },
    diagnostics,
  );
  const relative = (text: string): string => text.replaceAll(`${root}/`, '');
  return {
    plugins: plugins.map(({ component, file }) => `${component.kind} ${component.name} ${relative(file)}`),
    components: plugins.map(({ component }) => component),
    found: diagnostics.items.map((item) => relative(formatDiagnostic(item, { color: false, excerpt: false }))),
  };
}

const encoder = (name: string): string => moduleText(`kind: 'encoder', name: '${name}', create() {}`);

test('a folder is read in name order: modules, packages by exports or main, and the folders in it', async (t) => {
  const { plugins, found } = await load(t, {
    files: {
      'b.js': `module.exports = { apiVersion: 1, kind: 'encoder', name: 'b', summary: 's', options: {}, create() {} };`,
      'a.mjs': encoder('a'),
      'c/package.json': '{"name": "c", "exports": {".": {"require": "./c.cjs", "import": ["./lib/c.mjs"]}}}',
      'c/lib/c.mjs': encoder('c'),
      'd/package.json': '{"name": "d", "main": "lib/d.mjs"}',
      'd/lib/d.mjs': encoder('d'),
      'e/package.json': '{"name": "e", "type": "module"}',
      'e/index.js': encoder('e'),
      'handlers/f.mjs': encoder('f'),
      '.hidden/g.mjs': 'throw new Error()',
      'node_modules/h/h.mjs': 'throw new Error()',
      'read.me': 'not a module',
    },
  });
  assert.deepEqual(found, []);
  assert.deepEqual(plugins, [
    'encoder a a.mjs',
    'encoder b b.js',
    'encoder c c/lib/c.mjs',
    'encoder d d/lib/d.mjs',
    'encoder e e/index.js',
    'encoder f handlers/f.mjs',
  ]);
});

test('a pipeline file names modules, folders and packages, relative to itself', async (t) => {
  const { plugins, found, components } = await load(t, {
    folders: ['nowhere'],
    named: ['./a.mjs', '../pack', 'installed', '@scope/other', './a.mjs', '../pack'],
    files: {
      'conf/a.mjs': encoder('a'),
      'pack/package.json': '{"exports": "./p.mjs"}',
      'pack/p.mjs': encoder('p'),
      'conf/node_modules/installed/package.json': '{"main": "i.mjs"}',
      'conf/node_modules/installed/i.mjs': encoder('i'),
      'node_modules/@scope/other/package.json': '{"main": "o.mjs"}',
      'node_modules/@scope/other/o.mjs': encoder('o'),
    },
  });
  assert.deepEqual(found, []);
  assert.deepEqual(plugins, [
    'encoder a conf/a.mjs',
    'encoder p pack/p.mjs',
    'encoder i conf/node_modules/installed/i.mjs',
    'encoder o node_modules/@scope/other/o.mjs',
  ]);
  assert.match(pluginFileOf(components[0]!)!, /conf\/a\.mjs$/);
  assert.equal(pluginFileOf(BUILT_IN.find('encoder', 'json')!), undefined);
});

test('what is not there, or no package, is reported where the file names it', async (t) => {
  const { found } = await load(t, {
    folders: ['nowhere'],
    named: ['./gone.mjs', 'a.mjs', 'no-such-package', '../plain', '../half', '../broken', '../closed'],
    files: {
      'conf/a.mjs': encoder('a'),
      'plain/x.mjs': encoder('x'),
      'half/package.json': '{"main": "dist/x.js"}',
      'broken/package.json': '{',
      'closed/package.json': '{"exports": {"./inner": "./x.mjs"}}',
    },
  });
  assert.deepEqual(
    found.map((line) => line.replace(/(Expected|Unexpected).*/, 'what JSON.parse says')),
    [
      "conf/pipeline.json: error[plugin-unreadable]: './gone.mjs': no such file or folder (ENOENT)",
      "conf/pipeline.json: error[plugin-unreadable]: 'a.mjs': no package 'a.mjs' is installed beside the pipeline file or with the program; for the file, write './a.mjs'",
      "conf/pipeline.json: error[plugin-unreadable]: 'no-such-package': no package 'no-such-package' is installed beside the pipeline file or with the program",
      "conf/pipeline.json: error[plugin-unreadable]: '../plain': the folder has no 'package.json'",
      "conf/pipeline.json: error[plugin-unreadable]: '../half': does not exist, and half/package.json names it; build the package",
      "conf/pipeline.json: error[plugin-unreadable]: '../broken': what JSON.parse says",
      "conf/pipeline.json: error[plugin-unreadable]: '../closed': 'exports' has no entry for 'import'",
    ],
  );
});

test('a module that does not load is reported with the place, and the others load', async (t) => {
  const { plugins, found } = await load(t, {
    options: { limit: 300 },
    files: {
      'a-syntax.mjs': "export default {\n  kind: 'x',\n  name 'y'\n};\n",
      'b-throws.mjs': "\nthrow new Error('at load');",
      'c-missing.mjs': "import x from './no-such.mjs';\nexport default x;",
      'd-no-export.mjs': "import { nothing } from 'node:fs';\nexport default nothing;",
      'e-rejects.mjs': 'await Promise.reject(7);',
      'f-hangs.mjs': 'await new Promise(() => {});',
      'g-fine.mjs': encoder('g'),
    },
  });
  assert.deepEqual(plugins, ['encoder g g-fine.mjs']);
  assert.deepEqual(
    found.map((line) => line.replace(/Cannot find module .*/, 'Cannot find module')),
    [
      'a-syntax.mjs:3:8: error[plugin-unreadable]: Unexpected string',
      'b-throws.mjs:2:7: error[plugin-unreadable]: at load',
      'c-missing.mjs: error[plugin-unreadable]: Cannot find module',
      "d-no-export.mjs:1:1: error[plugin-unreadable]: The requested module 'node:fs' does not provide an export named 'nothing'",
      'e-rejects.mjs: error[plugin-unreadable]: 7',
      'f-hangs.mjs: error[plugin-unreadable]: loading took longer than 0.3 s',
    ],
  );
});

test('another version is reported with those that the program supports', async (t) => {
  const { plugins, found } = await load(t, {
    files: {
      'new.mjs': "export default { apiVersion: 2, kind: 'driver', name: 'new' };",
      'none.mjs': "export default { kind: 'driver', name: 'none' };",
      'old.mjs': 'export default { name: "old", run() {} };',
    },
  });
  assert.deepEqual(plugins, []);
  assert.deepEqual(found, [
    "new.mjs: error[invalid-plugin]: driver 'new': is written for apiVersion 2; this program supports apiVersion 1",
    "none.mjs: error[invalid-plugin]: driver 'none': does not declare the interface version; add apiVersion: 1",
    "old.mjs: error[invalid-plugin]: the default export: does not declare the interface version; add apiVersion: 1, kind: 'action', summary: '…', options: {}",
  ]);
});

test('everything that is wrong with the shape is reported at once, with the property', async (t) => {
  const { plugins, found } = await load(t, {
    files: {
      'a.mjs': 'export const x = 1;',
      'b.mjs': `export default [7, { apiVersion: 1, kind: 'gadget', name: 'a b', check: 1 }, ${encoder('fine').slice(15, -2)}];`,
      'c.mjs': moduleText(
        "kind: 'processor', name: 'p', in: 'two words', slots: { s: { kind: 'x' } }, outOf: 't', verify: 1",
      ),
      'd.mjs': moduleText("kind: 'language', name: 'l', extensions: [], claims() {}"),
      'e.mjs': moduleText("kind: 'transport', name: 't', create() {}, writesTo: 'mars', outputs: 3"),
      'f.mjs': "export default { get apiVersion() { throw new Error('no look') } };",
    },
  });
  assert.deepEqual(plugins, ['encoder fine b.mjs']);
  assert.deepEqual(
    found.map((line) => line.replace('error[invalid-plugin]: ', '')),
    [
      'a.mjs: the module has no default export, which would be the component or an array of them',
      'b.mjs: component 1 of the default export: is 7, not a component',
      "b.mjs: gadget 'a b': name is 'a b', not a text of letters, digits, _, - and .",
      "b.mjs: gadget 'a b': summary is missing: one sentence",
      "b.mjs: gadget 'a b': kind is 'gadget', not one of driver, handler, processor, encoder, transport, language, action",
      "b.mjs: gadget 'a b': check is 1, not a function",
      "b.mjs: gadget 'a b': options is missing: an object, {} for no options",
      "c.mjs: processor 'p': create is missing: a function",
      "c.mjs: processor 'p': verify is 1, not a function",
      "c.mjs: processor 'p': in is 'two words', not a type of channel, such as 'eventchan'",
      "c.mjs: processor 'p': out is missing: a type of channel, such as 'eventchan', or null for none",
      "c.mjs: processor 'p': slots.s.kind is 'x', not one of driver, handler, processor, encoder, transport, language, action",
      "c.mjs: processor 'p': slots.s.default is missing: a text",
      "c.mjs: processor 'p': slots.s.description is missing: a text",
      "c.mjs: processor 'p': outOf is 't', not a key of slots",
      "d.mjs: language 'l': load is missing: a function",
      "d.mjs: language 'l': describe is missing: a function",
      "d.mjs: language 'l': extensions is an array, not an array of ends of file names, such as ['.yaml']",
      "e.mjs: transport 't': outputs is 3, not a function",
      "e.mjs: transport 't': writesTo is 'mars', not one of terminal, nothing",
      'f.mjs: the default export: cannot be read: no look',
    ],
  );
});

test('options that are not well-formed are reported one by one', async (t) => {
  const options = `{
    'no key': { type: 'text', default: null, description: 'd' }, n: 5,
    t: { type: 'text', default: 5, description: '' }, s: { type: 'switch', default: 'on', description: 'd' },
    i: { type: 'integer', default: 9, minimum: 0, maximum: 5, description: 'd' },
    c: { type: 'choice', choices: ['a', 'b'], default: 'c', description: 'd' }, e: { type: 'choice', choices: [], description: 'd' },
    z: { type: 'size', default: -1, description: 'd' }, d: { type: 'duration', default: 1, plain: 'hours', description: 'd' },
    x: { type: 'float', default: 1, description: 'd' }, in: { type: 'switch', default: true, description: 'd' },
    fine: { type: 'texts', default: null, description: 'd' } }`;
  const { found } = await load(t, {
    files: {
      'p.mjs': moduleText(`kind: 'processor', name: 'p', in: 'a', out: null, create() {}, options: ${options}`),
    },
  });
  assert.deepEqual(
    found.map((line) => line.replace("p.mjs: error[invalid-plugin]: processor 'p': options.", '')),
    [
      'no key: a key is letters, digits, _, - and .',
      'n is 5, not an object with type, default and description',
      "t.description is '', not a text",
      't.default is 5, not a text, or null for none',
      "s.default is 'on', not true or false",
      'i.default is 9, not an integer from 0 to 5',
      "c.default is 'c', not one of a, b",
      'e.choices is an array, not an array of words',
      'z.default is -1, not a number of bytes',
      "d.plain is 'hours', not 'minutes' or 'seconds'",
      "x.type is 'float', not one of text, texts, choice, switch, integer, size, duration",
      'in: the key is reserved in stanzas; rename it',
    ],
  );
});

test('of two plugins with one name the later counts, with a warning; the name of what is built in is taken', async (t) => {
  const { plugins, found } = await load(t, {
    files: {
      'a.mjs': encoder('x'),
      'b.mjs': encoder('X'),
      'c.mjs': encoder('JSON'),
      'd.mjs': moduleText("kind: 'action', name: 'x', run() {}"),
    },
  });
  assert.deepEqual(plugins, ['encoder X b.mjs', 'action x d.mjs']);
  assert.deepEqual(found, [
    "b.mjs: warning[duplicate-name]: encoder 'X' is also in a.mjs; this one is used",
    "c.mjs: error[duplicate-name]: encoder 'JSON' is built in; choose another name",
  ]);
});
