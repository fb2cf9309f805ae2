import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldsCommand } from '../../../src/cli/commands/fields.js';
import { FIELDS } from '../../../src/fields/table.js';
import { RecordingIo } from '../support/io.js';

async function fields(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const io = new RecordingIo();
  const status = await fieldsCommand.run(args, io);
  return { status, out: io.stdout, err: io.stderr };
}

const names = (out: string): string[] => out.split('\n').map((line) => line.split(' ')[0]!);

test('fields lists every attribute with its type and description', async () => {
  const { status, out } = await fields();
  assert.equal(status, 0);
  assert.equal(out.split('\n').length - 1, FIELDS.length);
  assert.match(out, /^sf\.proc\.exe +string +\S/m);
});

test('a pattern finds parts of names and aliases, or whole names with *', async () => {
  assert.deepEqual(names((await fields('PROC.CMD')).out).slice(0, 2), ['sf.proc.cmdline', 'sf.pproc.cmdline']);
  const starred = names((await fields('sf.net.*port')).out).slice(0, -1);
  assert.deepEqual(starred.sort(), ['sf.net.dport', 'sf.net.port', 'sf.net.sport']);
  assert.equal((await fields('sf.net.*x*port')).status, 1);
});

test('one attribute is shown in full', async () => {
  const { out } = await fields('sf.container.imageid');
  assert.match(out, /^sf\.container\.imageid: Id of the image\.\n {2}type +string\n/);
  assert.match(out, /records +PE NF FF FE\n/);
  assert.match(out, /also +container\.image\.id\n/);
  assert.match(out, /taken for it +sf\.container\.image\.id \(with a warning\)\n/);
});

test('--json gives the table as data', async () => {
  const { out } = await fields('--json', 'sf.flow.rbytes');
  const [field] = JSON.parse(out) as { name: string; type: string; records: string[] }[];
  assert.equal(field?.name, 'sf.flow.rbytes');
  assert.equal(field?.type, 'int');
  assert.deepEqual(field?.records, ['NF', 'FF']);
});

test('what is unknown is named, with the nearest name', async () => {
  assert.deepEqual(await fields('sf.proc.exee'), {
    status: 1,
    out: '',
    err: "no attribute matches 'sf.proc.exee'; did you mean 'sf.proc.exe'?\n",
  });
  assert.equal((await fields('--xml')).status, 2);
  assert.equal((await fields('a', 'b')).status, 2);
});
