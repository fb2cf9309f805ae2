/** What is checked before a pipeline runs, and what `-test` says of it. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { enrichPipeline, run } from './support/program.js';
import { writeTrace } from './support/traces.js';

const folder = await mkdtemp(join(tmpdir(), 'sfprocessor-checks-'));
after(() => rm(folder, { recursive: true }));
await writeTrace(join(folder, 'a.sf'));

const POLICY = `
- macro: misspelt
  condition: sf.proc.nmae = sh
- rule: Works in part
  desc: d
  condition: sf.proc.name = bash or misspelt
- rule: Never matches
  desc: d
  condition: sf.proc.name = bash and not (sf.fiel.path = /tmp or sf.proc.name = sh)
- rule: Ill-formed
  desc: d
  condition: sf.proc.name = bash and (
- rule: Works
  desc: d
  condition: sf.proc.name = bash
`;
await writeFile(join(folder, 'rules.yaml'), POLICY);
await writeFile(join(folder, 'good.yaml'), '- rule: Good\n  desc: d\n  condition: sf.proc.name = bash\n');

/** A pipeline with some policies. */
async function writePipeline(
  name: string,
  policies: unknown,
  exporter: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const text = enrichPipeline(exporter).replace('"mode"', `"policies":${JSON.stringify(policies)},"mode"`);
  await writeFile(join(folder, name), text);
}

test('-test said no more than that all is well, whatever errors were in the policies', async () => {
  await writePipeline('rules.json', 'rules.yaml');
  const tested = await run(['-test', '-config', 'rules.json'], { cwd: folder });
  assert.equal(tested.code, 0);
  const summary =
    /\[Warn\] \S+ \S+ rules\.yaml: 3 errors, 2 rules can never match, 2 terms are never true; see 'sfprocessor validate rules\.yaml'\n/;
  assert.match(tested.stderr, summary);
  assert.match(tested.stderr, /Health checks: passed/);
  const ran = await run(['-config', 'rules.json', 'a.sf'], { cwd: folder });
  assert.equal(ran.code, 0);
  for (const args of [['-test'], ['a.sf']]) {
    const strict = await run(['-strict', '-config', 'rules.json', ...args], { cwd: folder });
    assert.equal(strict.code, 1, 'the status is that of a run with the same flags');
    assert.match(strict.stderr, summary);
  }
});

test('many errors in a file are all counted', async () => {
  const rule = (i: number): string => `- rule: R${i}\n  desc: d\n  condition: sf.proc.nmae = x\n`;
  await writeFile(join(folder, 'many.yaml'), Array.from({ length: 3000 }, (_, i) => rule(i)).join(''));
  await writePipeline('many.json', 'many.yaml');
  const { stderr } = await run(['-test', '-log', 'warn', '-config', 'many.json'], { cwd: folder });
  assert.match(stderr, /many\.yaml: 3000 errors, 3000 rules can never match, 3000 terms are never true; see/);
});

test('several policies are loaded, and one that is missing is told with its place in the pipeline file', async () => {
  await writePipeline('two.json', ['good.yaml', 'rules.yaml']);
  const two = await run(['-config', 'two.json', 'a.sf'], { cwd: folder });
  assert.equal(two.code, 0);
  assert.match(two.stdout, /"policies":\[.*"Works".*"Good"|"policies":\[.*"Good".*"Works"/);
  await writePipeline('lost.json', ['good.yaml', 'lost.yaml']);
  const lost = await run(['-test', '-config', 'lost.json'], { cwd: folder });
  assert.equal(lost.code, 1);
  assert.match(
    lost.stderr,
    /lost\.json:1:\d+: error\[file-unreadable\]: 'lost\.yaml': it cannot be read: no such file/,
  );
  const named = await run(['-test', '-config', 'two.json'], { cwd: folder, env: { POLICYENGINE_POLICIES: 'lost' } });
  assert.match(named.stderr, /environment variable POLICYENGINE_POLICIES: error\[file-unreadable\]: 'lost': /);
});

test('an output that cannot be written is told with its place, by -test too', async () => {
  await writePipeline('out.json', 'good.yaml', { export: 'file', 'file.path': folder });
  for (const args of [['-test'], ['a.sf']]) {
    const { code, stderr } = await run(['-config', 'out.json', ...args], { cwd: folder });
    assert.equal(code, 1);
    assert.match(stderr, /out\.json:1:\d+: error\[file-unwritable\]: '\S+': is a folder/);
  }
});

test('a path that was read from nowhere, or is empty, was passed over', async () => {
  const drivers = [{ driver: 'file', path: 'a.sf', out: 'sysflow sysflowchan' }];
  await writeFile(join(folder, 'own.json'), JSON.stringify({ ...JSON.parse(enrichPipeline()), drivers }));
  const own = await run(['-config', 'own.json', 'b.sf'], { cwd: folder });
  assert.equal(own.code, 0);
  assert.match(own.stderr, /\[Warn\] .*own\.json:1:\d+: warning\[duplicate-key\]: .* as 'b\.sf'; this one is used/);
  const cases = [[''], ['-config', 'own.json', ''], ['alert', ''], ['alert', '-p', '', 'a.sf'], ['validate', '']];
  for (const args of cases) {
    const { code, stderr } = await run(args, { cwd: folder });
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, /empty/);
  }
});
