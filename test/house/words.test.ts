import assert from 'node:assert/strict';
import { test } from 'node:test';
import { projectFiles, projectText } from './support/project.js';

const TEXT = /\.(ts|mjs|js|json|md|yaml|yml|sh|jsonl)$|^[^.]+$|^\.[^.]+$/;

/** Lines of the project's text files that match, as `path:line: text`. */
function linesWith(pattern: RegExp, paths: readonly string[]): string[] {
  return paths
    .filter((path) => TEXT.test(path.slice(path.lastIndexOf('/') + 1)))
    .flatMap((path) =>
      projectText(path)
        .split('\n')
        .map((line, index) => ({ line, place: `${path}:${index + 1}: ${line.trim().slice(0, 120)}` })),
    )
    .filter(({ line }) => pattern.test(line))
    .map(({ place }) => place);
}

const all = projectFiles().filter((path) => path.startsWith('resources/traces/') === false);

test('no file names the host of a package registry', () => {
  assert.deepEqual(linesWith(/registry\.[a-z]+\.[a-z]+|\bcrates\.io|\bpypi\.org/, all), []);
});

test('only the commands that may look for reference data beside the working copy name its folder', () => {
  const named = linesWith(/\.\.\/shared\b/, all).map((place) => place.slice(0, place.indexOf('/')));
  assert.deepEqual(
    named.filter((folder) => !['bench', 'conformance'].includes(folder)),
    [],
  );
});

test('below the command line and the library nothing reads the environment, the arguments or the clock by itself', () => {
  const sources = projectFiles('src').filter((path) => !/^src\/(cli|api)\//.test(path));
  // A SysFlow process has an `env` too, hence a name in capitals or the whole.
  const reads =
    /\bprocess\.(env(\.[A-Z]|\[|\s*[,;)])|argv\b|hrtime\b)|\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/;
  assert.deepEqual(linesWith(reads, sources), []);
});
