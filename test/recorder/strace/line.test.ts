import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseCall, parseHead, parseLine } from '../../../src/recorder/strace/line.js';
import { LineSplitter } from '../../../src/recorder/strace/line-splitter.js';

test('a call with thread, time, result and duration', () => {
  const { tid, time, body } = parseLine(
    '7822  1795545339.030900966 openat(AT_FDCWD</tmp>, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3</etc/ld.so.cache> <0.000044746>',
  );
  assert.equal(tid, 7822);
  assert.equal(time, 1795545339030900966n);
  assert.ok(body.kind === 'call');
  assert.equal(body.call.name, 'openat');
  assert.equal(body.call.args.length, 3);
  assert.equal(body.call.value, 3);
  assert.equal(body.call.descriptor?.target, '/etc/ld.so.cache');
  assert.equal(body.call.duration, 44746n);
  assert.equal(body.call.errno, null);
});

test('times in microseconds, as older versions print them', () => {
  assert.equal(parseLine('1 1795545339.030332 getpid() = 1').time, 1795545339030332000n);
});

test('results of every form', () => {
  const result = (text: string) => {
    const call = parseCall(text);
    assert.ok(call !== null, text);
    return [call.value, call.errno, call.childTid];
  };
  assert.deepEqual(result('read(0x3, 0x7fff83704408, 0x340) = 0x340 <0.000034592>'), [0x340, null, null]);
  assert.deepEqual(result('close(3</tmp/a>)              = 0'), [0, null, null]);
  assert.deepEqual(result('unlink("a") = -1 ENOENT (No such file or directory) <0.000034221>'), [-1, 'ENOENT', null]);
  assert.deepEqual(result('unlink("a") = -1 EPERM (Operation not permitted) (INJECTED)'), [-1, 'EPERM', null]);
  assert.deepEqual(result('wait4(-1,  <no>, 0, NULL) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)'), [
    null,
    'ERESTARTSYS',
    null,
  ]);
  assert.deepEqual(result('exit_group(0) = ?'), [null, null, null]);
  assert.deepEqual(result('poll([{fd=3}], 1, 0) = 0 (Timeout)'), [0, null, null]);
  assert.deepEqual(result('fcntl(0</dev/null<char 1:3>>, F_GETFL) = 0x8000 (flags O_RDONLY|O_LARGEFILE)'), [
    0x8000,
    null,
    null,
  ]);
  assert.deepEqual(result("vfork() = 2 /* 20948 in strace's PID NS */ <0.0001>"), [2, null, 20948]);
});

test('an interrupted call, put together again', () => {
  const first = parseLine('9185  1.5 recvfrom(4<TCP:[127.0.0.1:43737->127.0.0.1:55642]>,  <unfinished ...>').body;
  const second = parseLine('9185  1.6 <... recvfrom resumed>"hi\\1", 100, 0, NULL, NULL) = 3 <0.1>').body;
  assert.ok(first.kind === 'unfinished' && second.kind === 'resumed');
  assert.equal(first.name, second.name);
  const call = parseCall(first.text + second.text);
  assert.equal(call?.value, 3);
  assert.equal(call?.args.length, 6);
  assert.deepEqual(call?.args[1], { kind: 'string', bytes: 'hi\x01', truncated: false, abstract: false });
  const empty = parseLine('1 2.0 vfork( <unfinished ...>').body;
  assert.ok(empty.kind === 'unfinished');
  assert.equal(parseCall(`${empty.text})             = 7823 <0.000356434>`)?.value, 7823);
});

test('the head of a call that has not returned', () => {
  const args = parseHead('clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD');
  assert.equal(args.length, 2);
});

test('ends of threads', () => {
  const body = (text: string) => parseLine(`12 3.0 ${text}`).body;
  assert.deepEqual(body('+++ exited with 3 +++'), { kind: 'exited', code: 3 });
  assert.deepEqual(body('+++ killed by SIGTERM +++'), { kind: 'killed', signal: 'SIGTERM', core: false });
  assert.deepEqual(body('+++ killed by SIGSEGV (core dumped) +++'), { kind: 'killed', signal: 'SIGSEGV', core: true });
  assert.deepEqual(body('+++ superseded by execve in pid 77 +++'), { kind: 'superseded', by: 77 });
  assert.deepEqual(body('--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED} ---'), { kind: 'signal' });
});

test('anything else is damage', () => {
  for (const text of ['', 'hello', 'open(', 'open("a"', 'open("a")', 'open("a") 0', '+++ what +++', '<... x', '= 3']) {
    assert.deepEqual(parseLine(text).body, { kind: 'damaged' }, text);
  }
});

test('a string cannot pass for another line or another result', () => {
  const { body } = parseLine('1 2.0 unlink("x) = 0 <unfinished ...>") = -1 ENOENT (No such file or directory)');
  assert.ok(body.kind === 'call');
  assert.equal(body.call.errno, 'ENOENT');
});

test('property: any text is read without an exception, in time', () => {
  const piece = fc.constantFrom(
    ...['openat(', 'AT_FDCWD', '<', '>', '"', '\\', '[', ']', '{', '}', '(', ')', ', ', '=', '=>', ' = 0', '/*', '*/'],
    ...[
      '3</a>',
      'TCP:[',
      '->',
      '...',
      ' <unfinished ...>',
      '<... read resumed>',
      '+++ ',
      ' +++',
      '12 1.5 ',
      '-1 ENOENT',
    ],
  );
  const text = fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 60 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, (line) => {
      parseLine(line);
      parseHead(line);
    }),
    { numRuns: 2000 },
  );
});

test('a long hostile line is read in time that grows with its length', () => {
  for (const unit of ['a(', '[', '{a=', 'x=>', '"\\"', '/*', '3<TCP:["', 'a(b ', '3</']) {
    const started = performance.now();
    parseLine(`1 2.0 f(${unit.repeat(200_000)}`);
    assert.ok(performance.now() - started < 2000, unit);
  }
});

test('property: lines come out whole however the bytes are cut, and too long ones are left out and counted', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z ]{0,12}$/)), fc.array(fc.nat(7), { minLength: 1 }), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const taken: string[] = [];
      const splitter = new LineSplitter((line) => taken.push(line), 10);
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const length = cuts[i % cuts.length]! + 1;
        splitter.push(bytes.subarray(at, at + length));
        at += length;
      }
      splitter.end();
      assert.deepEqual(
        taken,
        lines.filter((line) => line.length <= 10),
      );
      assert.equal(splitter.dropped, lines.filter((line) => line.length > 10).length);
    }),
  );
});
