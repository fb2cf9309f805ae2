import assert from 'node:assert/strict';
import { dirname, join } from 'node:path/posix';
import { test } from 'node:test';
import { projectFiles, projectText } from './support/project.js';

/** The folders of src, lowest first. A folder may import from the rows above it and from itself, from nothing else. */
const LAYERS: readonly (readonly string[])[] = [
  ['diagnostics'],
  ['telemetry'],
  ['streams'],
  ['components'],
  ['sysflow'],
  ['records'],
  ['fields'],
  ['policy'],
  ['reader', 'exporter', 'drivers', 'config', 'recorder'],
  ['accel'],
  ['components/builtins.ts'],
  ['pipeline'],
  ['authoring'],
  ['cli', 'api'],
];

/** The only module of `src/accel` that other folders import. */
const ACCEL_DOOR = 'src/accel/index.ts';

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** The relative imports of a source text, as paths of the imported `.ts` files. */
function relativeImports(path: string, text: string): Import[] {
  const statement = /^\s*(import|export)\s+(type\s)?[^;'"]*?from\s+'(\.[^']+)'|\bimport\(\s*'(\.[^']+)'/gm;
  return [...text.matchAll(statement)].map((match) => ({
    from: path,
    to: join(dirname(path), (match[3] ?? match[4])!).replace(/\.js$/, '.ts'),
    typeOnly: match[2] !== undefined,
  }));
}

/** `cli` of `src/cli/main.ts`; the table of what is built in counts as a folder of its own; empty for a file that stands in src itself (the doors of the package). */
function folderOf(path: string): string {
  if (path === 'src/components/builtins.ts') return 'components/builtins.ts';
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? '';
}

function rowOf(folder: string): number {
  return LAYERS.findIndex((row) => row.includes(folder));
}

/** What an import does wrong, or null. */
function wrong({ from, to }: Import): string | null {
  if (!to.startsWith('src/')) return `${from} imports ${to}, which is outside of src`;
  const importer = folderOf(from);
  const imported = folderOf(to);
  if (importer === '' || importer === imported) return null;
  if (imported === '') return `${from} imports ${to}, a door of the package`;
  if (imported === 'accel' && to !== ACCEL_DOOR) return `${from} imports ${to}, which is not the door of accel`;
  return rowOf(imported) < rowOf(importer) ? null : `${from} imports ${to}: ${importer} must not know ${imported}`;
}

const sources = projectFiles('src').filter((path) => path.endsWith('.ts'));
const imports = sources.flatMap((path) => relativeImports(path, projectText(path)));

test('every folder of src stands in a layer', () => {
  const folders = new Set(sources.map(folderOf).filter((folder) => folder !== ''));
  assert.deepEqual(
    [...folders].filter((folder) => rowOf(folder) === -1),
    [],
  );
});

test('docs/architecture.md tells what lives in each folder of src', () => {
  const page = projectText('docs/architecture.md');
  const folders = new Set(sources.map(folderOf).filter((folder) => folder !== '' && !folder.includes('/')));
  assert.deepEqual(
    [...folders].filter((folder) => !page.includes(`| \`src/${folder}\` |`)),
    [],
  );
});

test('dependencies between the folders of src point one way', () => {
  assert.ok(imports.length > 10, 'the imports are found at all');
  assert.deepEqual(
    imports.map(wrong).filter((sentence) => sentence !== null),
    [],
  );
});

test('the check sees imports of every form, and those that point the wrong way', () => {
  const text = [
    "import { a } from '../policy/model/policy.js';",
    "import type { B } from '../records/b.js';",
    "export {\n  c,\n} from './c.js';",
    "const d = await import('../cli/main.js');",
    "import 'node:fs';",
  ].join('\n');
  const found = relativeImports('src/sysflow/x.ts', text);
  assert.deepEqual(
    found.map(({ to, typeOnly }) => [to, typeOnly]),
    [
      ['src/policy/model/policy.ts', false],
      ['src/records/b.ts', true],
      ['src/sysflow/c.ts', false],
      ['src/cli/main.ts', false],
    ],
  );
  assert.deepEqual(
    found.map((one) => wrong(one) !== null),
    [true, true, false, true],
  );
});

test('WebAssembly was visible in some 22 files; now only src/accel uses it, and others know its door alone', () => {
  const from = 'src/pipeline/x.ts';
  assert.equal(wrong({ from, to: ACCEL_DOOR, typeOnly: false }), null);
  assert.notEqual(wrong({ from, to: 'src/accel/wasm/memory.ts', typeOnly: true }), null);
  const users = sources.filter((path) =>
    /\bWebAssembly\b/.test(projectText(path).replaceAll(/\/\*.*?\*\/|\/\/.*$/gms, '')),
  );
  assert.deepEqual(
    users.filter((path) => folderOf(path) !== 'accel'),
    [],
  );
  assert.deepEqual(
    imports.filter(({ from, to }) => folderOf(to) === 'accel' && folderOf(from) !== 'accel' && to !== ACCEL_DOOR),
    [],
  );
});

test('no module imports itself through others', () => {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    if (done.has(path) || trail.includes(path)) return;
    for (const to of next.get(path) ?? []) visit(to, [...trail, path]);
    done.add(path);
  };
  for (const path of sources) visit(path, []);
  assert.deepEqual(cycles, []);
});

test('a rule language was known all over: now only the table imports from its folder', () => {
  const others = ['docs', 'bench', 'conformance', 'test'].flatMap((folder) => projectFiles(folder));
  const all = [
    ...imports,
    ...others.filter((path) => path.endsWith('.ts')).flatMap((path) => relativeImports(path, projectText(path))),
  ];
  const language = /^src\/policy\/languages\/([^/]+)\//;
  const strangers = all.filter(({ from, to }) => {
    const name = language.exec(to)?.[1];
    if (name === undefined || from === 'src/policy/languages/table.ts') return false;
    return !['src', 'test'].some((root) => from.startsWith(`${root}/policy/languages/${name}/`));
  });
  assert.deepEqual(
    strangers.map(({ from, to }) => `${from} imports ${to}`),
    [],
  );
  assert.ok(all.some(({ from, to }) => from === 'src/policy/languages/table.ts' && language.test(to)));
});
