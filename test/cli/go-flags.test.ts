import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FlagSpec, parseGoFlags } from '../../src/cli/go-flags.js';

const SPECS: readonly FlagSpec[] = [
  { name: 'config', type: 'text' },
  { name: 'log', type: 'text' },
  { name: 'test', type: 'switch' },
];

const ACCEPTED: readonly [args: string, texts: object, switches: object, rest: readonly string[]][] = [
  ['', {}, {}, []],
  ['-config a', { config: 'a' }, {}, []],
  ['-config=a', { config: 'a' }, {}, []],
  ['--config a', { config: 'a' }, {}, []],
  ['--config=a', { config: 'a' }, {}, []],
  ['-config= x', { config: '' }, {}, ['x']],
  ['-config=a=b', { config: 'a=b' }, {}, []],
  ['-config -log', { config: '-log' }, {}, []],
  ['-config a -config b', { config: 'b' }, {}, []],
  ['-test x', {}, { test: true }, ['x']],
  ['-test=false x', {}, { test: false }, ['x']],
  ['-test=T', {}, { test: true }, []],
  ['-test=0', {}, { test: false }, []],
  ['path -test', {}, {}, ['path', '-test']],
  ['-test -- -config a', {}, { test: true }, ['-config', 'a']],
  ['- -test', {}, {}, ['-', '-test']],
];

for (const [args, texts, switches, rest] of ACCEPTED) {
  test(`read: ${args}`, () => {
    const flags = parseGoFlags(args.split(' ').filter(Boolean), SPECS);
    assert.ok(flags.problem === null);
    assert.deepEqual(Object.fromEntries(flags.texts), texts);
    assert.deepEqual(Object.fromEntries(flags.switches), switches);
    assert.deepEqual(flags.rest, rest);
  });
}

const REFUSED: readonly [args: string, problem: string][] = [
  ['-nope', 'flag provided but not defined: -nope'],
  ['--nope=1', 'flag provided but not defined: -nope'],
  ['-config', 'flag needs an argument: -config'],
  ['-test=maybe', 'invalid boolean value "maybe" for -test'],
  ['---test', 'bad flag syntax: ---test'],
  ['-=x', 'bad flag syntax: -=x'],
];

for (const [args, problem] of REFUSED) {
  test(`refused: ${args}`, () => assert.deepEqual(parseGoFlags(args.split(' '), SPECS), { problem }));
}
