/** Policies that change while the program runs: the real command on a pipe that is written bit by bit. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ContainerWriter } from '../../src/sysflow/index.js';
import { start } from './support/program.js';
import { RECORDS } from './support/traces.js';

const root = mkdtempSync(join(tmpdir(), 'sfprocessor-reload-'));
after(() => rmSync(root, { recursive: true }));

const rule = (name: string, condition: string): string => `- rule: ${name}\n  desc: d\n  condition: ${condition}\n`;

/** A program that reads a pipe, with what it said so far. */
async function startOn(folder: string, engine: Readonly<Record<string, string>>) {
  mkdirSync(join(folder, 'policies/deep'), { recursive: true });
  const write = (path: string, text: string): void => writeFileSync(join(folder, 'policies', path), text);
  write('a.yaml', rule('Before', 'sf.opflags = EXEC'));
  const pipeline = [
    { processor: 'sysflowreader', in: 'sysflow sysflowchan', out: 'flat flattenerchan' },
    { processor: 'policyengine', in: 'flat flattenerchan', out: 'events eventchan', ...engine },
    { processor: 'exporter', export: 'terminal', format: 'json', buffer: '0', in: 'events eventchan' },
  ];
  writeFileSync(join(folder, 'pipeline.json'), JSON.stringify({ pipeline }));
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const child = start(['-driver', 'file', '-config', 'pipeline.json', pipe], { cwd: folder });
  const said = { out: '', err: '' };
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (said.err += text));
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  const until = async (stream: 'out' | 'err', pattern: RegExp): Promise<void> => {
    while (!pattern.test(said[stream])) {
      assert.equal(child.exitCode ?? child.signalCode, null, `it ended: ${said.err}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const writer = await ContainerWriter.create(pipe, { codec: 'null' });
  assert.ok(writer instanceof ContainerWriter);
  const send = async (): Promise<void> => {
    for (const record of RECORDS) await writer.write(record);
    await writer.flush();
  };
  const end = async (): Promise<number | null> => {
    await writer.close();
    return closed;
  };
  return { write, said, until, send, end };
}

const names = (out: string): string[] => [...out.matchAll(/"policies":\[\{"id":"([^"]*)"/g)].map((match) => match[1]!);

test('rules that change are in force from then on, and those of before where something is wrong with them (B18)', async () => {
  const folder = join(root, 'changes');
  const engine = { policies: 'policies', monitor: 'local', 'monitor.interval': '100ms' };
  const { write, said, until, send, end } = await startOn(folder, engine);
  await send();
  await until('out', /"Before"/);
  write('deep/b.yml', rule('After', 'sf.opflags = SETUID'));
  await until('err', /\[Health\] .* policies: changed, 2 rules in force\n/);
  await send();
  await until('out', /"After"/);
  write('a.yaml', '');
  write('deep/b.yml', 'nothing');
  await until('err', /\[Error\] .* policies: changed, but no rule is in it; the rules of before stay in force\n/);
  write('deep/b.yml', `${rule('Third', 'sf.opflags = EXEC')}${rule('Broken', '(')}`);
  await until('err', /\[Error\] .*b\.yml:6:\d+: error\[policy-syntax\].*\n.* policies: changed, 1 rule in force\n/);
  await send();
  assert.equal(await end(), 0);
  assert.deepEqual(names(said.out), ['Before', 'Before', 'After', 'Third']);
});

test('a strict engine takes only rules without errors', async () => {
  const folder = join(root, 'strict');
  const engine = { policies: 'policies', monitor: 'local', 'monitor.interval': '100ms', strict: 'on' };
  const { write, said, until, send, end } = await startOn(folder, engine);
  write('a.yaml', `${rule('After', 'sf.opflags = EXEC')}${rule('Broken', 'sf.poc.name = x')}`);
  await until(
    'err',
    /\[Error\] .* policies: changed, but something in it is wrong; the rules of before stay in force\n/,
  );
  await send();
  assert.equal(await end(), 0);
  assert.deepEqual(names(said.out), ['Before']);
});
