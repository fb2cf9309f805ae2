import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { evaluateCondition } from '../../../src/policy/engine/interpreter.js';
import type { ConditionNode } from '../../../src/policy/model/policy.js';
import { OpFlag } from '../../../src/sysflow/op-flags.js';
import {
  SLOT_DIP,
  SLOT_DPORT,
  SLOT_READ_BYTES,
  SLOT_SIP,
  SLOT_SPORT,
  SLOT_TID,
} from '../../../src/sysflow/record-batch.js';
import { and, attribute, check, constant, literal, not, or } from './support/policies.js';
import { makeFile, makeProcess, makeRecord, type RecordSpec } from './support/records.js';

function holds(spec: RecordSpec, condition: ConditionNode): void {
  assert.equal(evaluateCondition(condition, makeRecord(spec)), true);
}

function fails(spec: RecordSpec, condition: ConditionNode): void {
  assert.equal(evaluateCondition(condition, makeRecord(spec)), false);
}

const bash: RecordSpec = {
  processes: [
    makeProcess({ exe: '/bin/bash', args: '-c "id"', uid: 1000, pid: 77n, userName: 'bob' }),
    makeProcess({ exe: '/usr/sbin/sshd', args: '-D', tty: true }),
    makeProcess({ exe: '/sbin/init' }),
  ],
};

describe('text operators', () => {
  test('= and != compare the same text, case counting', () => {
    holds(bash, check('sf.proc.name', '=', 'bash'));
    fails(bash, check('sf.proc.name', '=', 'Bash'));
    holds(bash, check('sf.proc.name', '!=', 'sh'));
    fails(bash, check('sf.proc.name', '!=', 'bash'));
  });

  test('in takes any item', () => {
    holds(bash, check('sf.proc.name', 'in', 'sh', 'bash'));
    fails(bash, check('sf.proc.name', 'in', 'sh', 'zsh'));
  });

  test('within compares the addresses of a connection with networks', () => {
    const flow: RecordSpec = { kind: 'networkFlow', slots: { [SLOT_SIP]: 0x0500000a, [SLOT_DIP]: 0x08080808 } };
    holds(flow, check('fd.cnet', 'within', '192.168.0.0/16', '10.0.0.0/8'));
    holds(flow, check('fd.net', 'within', '8.8.8.8'));
    fails(flow, check('fd.snet', 'within', '10.0.0.0/8', '8.8.8.0/32'));
    fails(flow, check('fd.snet', 'within', '', 'x', '::1/128'));
    fails(bash, check('fd.net', 'within', '0.0.0.0/0'));
  });

  test('pmatch takes a part of the text, of any item', () => {
    holds(bash, check('sf.proc.exe', 'pmatch', '/usr', 'in/ba'));
    fails(bash, check('sf.proc.exe', 'pmatch', '/usr', 'BASH'));
  });

  test('startswith, endswith, contains count case, icontains does not', () => {
    holds(bash, check('sf.proc.exe', 'startswith', '/bin'));
    fails(bash, check('sf.proc.exe', 'startswith', '/Bin'));
    holds(bash, check('sf.proc.exe', 'endswith', 'bash'));
    fails(bash, check('sf.proc.exe', 'endswith', 'BASH'));
    holds(bash, check('sf.proc.exe', 'contains', 'n/b'));
    fails(bash, check('sf.proc.exe', 'contains', 'N/B'));
    holds(bash, check('sf.proc.exe', 'icontains', 'N/B'));
  });

  test('icontains folds a letter the same wherever it stands', () => {
    const greek = { processes: [makeProcess({ exe: 'ΟΔΟΣ/ΟΔΟΣ' })] };
    holds(greek, check('sf.proc.exe', 'icontains', 'οδοσ/'));
    holds(greek, check('sf.proc.exe', 'icontains', 'οδοσ'));
  });

  test('bounding quotes of values go, one at each end, of either kind', () => {
    holds(bash, check('sf.proc.args', '=', '-c "id'));
    fails(bash, check('sf.proc.args', 'endswith', '"'));
    holds({ processes: [makeProcess({ args: `"x'` })] }, check('sf.proc.args', '=', 'x'));
    holds({ processes: [makeProcess({ args: `"` })] }, check('sf.proc.args', '=', ''));
    holds({ processes: [makeProcess({ args: `""x""` })] }, check('sf.proc.args', '=', '"x"'));
  });

  test('quotes of a multi-valued attribute go at its two ends only', () => {
    const quoted = {
      processes: [makeProcess({ exe: '"a"' }), makeProcess({ exe: '"b"' }), makeProcess({ exe: '"c"' })],
    };
    holds(quoted, check('sf.proc.aexe', '=', 'a"'));
    holds(quoted, check('sf.proc.aexe', '=', '"b"'));
    holds(quoted, check('sf.proc.aexe', '=', '"c'));
  });
});

describe('multi-valued attributes', () => {
  test('any element counts', () => {
    holds(bash, check('sf.proc.aname', '=', 'sshd'));
    holds(bash, check('sf.proc.aname', 'in', 'x', 'init'));
    holds({ opFlags: OpFlag.exec | OpFlag.exit }, check('sf.opflags', '=', 'EXIT'));
    holds({ opFlags: OpFlag.exec | OpFlag.exit }, check('sf.opflags', 'contains', 'XE'));
  });

  test('!= means that none is equal', () => {
    fails(bash, check('sf.proc.aname', '!=', 'sshd'));
    holds(bash, check('sf.proc.aname', '!=', 'nginx'));
  });

  test('the operations of flows are named by the record type, whatever came before (B12)', () => {
    const flags = { opFlags: OpFlag.readRecv };
    holds({ kind: 'fileFlow', ...flags }, check('sf.opflags', '=', 'READ'));
    holds({ kind: 'networkFlow', ...flags }, check('sf.opflags', '=', 'RECV'));
    fails({ kind: 'networkFlow', ...flags }, check('sf.opflags', '=', 'READ'));
    holds({ kind: 'fileFlow', ...flags }, check('sf.opflags', '=', 'READ'));
  });

  test('an index takes one element (B8)', () => {
    holds(bash, check('proc.aname[1]', '=', 'sshd'));
    fails(bash, check('proc.aname[1]', '=', 'init'));
    fails(bash, check('proc.aname[1]', '!=', 'sshd'));
    holds(bash, check('proc.aname[1]', 'exists'));
    fails(bash, check('proc.aname[9]', 'exists'));
    holds(bash, check('proc.aname[9]', '!=', 'sshd'));
  });

  test('an empty list reads as one empty text', () => {
    holds({ kind: 'processEvent' }, check('sf.file.openflags', '=', ''));
    fails({ kind: 'processEvent' }, check('sf.file.openflags', 'exists'));
  });
});

describe('literals', () => {
  test('a bracket does not cut a literal (B2)', () => {
    const python = { processes: [makeProcess({ exe: '/usr/bin/python', args: 'x[3]' })] };
    fails(python, check('sf.proc.name', '=', 'python[3]'));
    fails(python, check('sf.proc.name', 'contains', '[x'));
    holds(python, check('sf.proc.args', '=', 'x[3]'));
  });

  test('a comma does not split a literal or a single-valued attribute (B3)', () => {
    const comma = { processes: [makeProcess({ args: 'x,y' })] };
    fails(comma, check('sf.proc.args', '=', 'y'));
    holds(comma, check('sf.proc.args', '=', 'x,y'));
    fails(bash, check('sf.proc.name', '=', 'bash,zsh'));
    fails(bash, check('sf.proc.name', 'contains', 'zzz,'));
    fails(bash, check('sf.proc.name', 'startswith', ',zzz'));
  });

  test('a literal may stand on the left', () => {
    holds(bash, check(literal('1000'), '=', attribute('sf.proc.uid')));
    holds(bash, check(literal('the bash shell'), 'contains', attribute('sf.proc.name')));
  });
});

test('a command line without arguments is the path alone (B4)', () => {
  const ls = { processes: [makeProcess({ exe: '/bin/ls', args: '' }), makeProcess({ exe: '/bin/sh', args: '' })] };
  holds(ls, check('sf.proc.cmdline', '=', '/bin/ls'));
  holds(ls, check('sf.proc.cmdline', 'endswith', 'ls'));
  holds(ls, check('sf.pproc.cmdline', '=', '/bin/sh'));
  holds(ls, check('sf.proc.acmdline', 'in', '/bin/sh'));
});

describe('attributes on both sides', () => {
  test('are compared with each other', () => {
    holds(bash, check('sf.proc.exe', '!=', attribute('sf.pproc.exe')));
    holds(bash, check('sf.proc.aname', '=', attribute('sf.pproc.name')));
    holds(bash, check('sf.proc.cmdline', 'startswith', attribute('sf.proc.exe')));
    holds(bash, check('sf.proc.uid', '>', attribute('sf.pproc.uid')));
  });
});

describe('numbers', () => {
  test('= compares decimal text', () => {
    holds(bash, check('sf.proc.uid', '=', '1000'));
    fails(bash, check('sf.proc.uid', '=', '01000'));
    fails(bash, check('sf.proc.uid', '=', '+1000'));
  });

  test('64 bits are exact', () => {
    const flow: RecordSpec = {
      kind: 'fileFlow',
      slots: { [SLOT_READ_BYTES]: -1, [SLOT_READ_BYTES + 1]: 0x7fffffff },
    };
    holds(flow, check('sf.flow.rbytes', '=', '9223372036854775807'));
    fails(flow, check('sf.flow.rbytes', '=', '9223372036854775806'));
    holds(flow, check('sf.flow.rbytes', '>', '9223372036854775806'));
    fails(flow, check('sf.flow.rbytes', '>', '9223372036854775807'));
    holds(flow, check('sf.flow.rbytes', '<=', '9223372036854775807'));
  });

  test('flow counters are what the record says (B10)', () => {
    const flow: RecordSpec = { kind: 'networkFlow', slots: { [SLOT_READ_BYTES]: 600 } };
    fails(flow, check('sf.flow.rbytes', '>', '1024'));
    holds(flow, check('sf.flow.rbytes', '=', '600'));
  });

  test('negative numbers and signs', () => {
    const event: RecordSpec = { slots: { [SLOT_TID]: -5, [SLOT_TID + 1]: -1 } };
    holds(event, check('sf.proc.tid', '<', '0'));
    holds(event, check('sf.proc.tid', '>=', '-5'));
    holds(event, check('sf.proc.tid', '<', '+1'));
  });

  test('32-bit ids of the parent are numbers as any other (B5)', () => {
    const spec = { processes: [makeProcess(), makeProcess({ uid: 1000, gid: 7 })] };
    holds(spec, check('sf.pproc.uid', '>', '0'));
    holds(spec, check('sf.pproc.gid', '<', '8'));
  });

  test('a text that is not a 64-bit decimal integer is never less, greater or equal (B5)', () => {
    for (const text of ['', 'abc', '0x10', '1.5', "'5'", '1e3', '9223372036854775808', '9'.repeat(100_000)]) {
      fails(bash, check('sf.proc.uid', '<', text));
      fails(bash, check('sf.proc.uid', '>=', text));
    }
    fails(bash, check('sf.proc.user', '>=', '0'));
    fails(bash, check('sf.proc.user', '<', '1'));
  });

  test('order on several integers takes any', () => {
    const net: RecordSpec = { kind: 'networkFlow', slots: { [SLOT_SPORT]: 50_000, [SLOT_DPORT]: 22 } };
    holds(net, check('sf.net.port', '<', '1024'));
    holds(net, check('sf.net.port', '>', '1024'));
    fails(net, check('sf.net.port', '>', '60000'));
  });
});

describe('exists', () => {
  test('is false for the zero value of every type', () => {
    const empty: RecordSpec = { processes: [] };
    for (const name of ['sf.proc.exe', 'sf.proc.uid', 'sf.proc.tty', 'sf.proc.aname', 'sf.proc.createts']) {
      fails(empty, check(name, 'exists'));
    }
    holds(bash, check('sf.proc.exe', 'exists'));
    holds(bash, check('sf.proc.uid', 'exists'));
    fails(bash, check('sf.pproc.uid', 'exists'));
    holds(bash, check('sf.pproc.tty', 'exists'));
    holds(bash, check('sf.proc.aname', 'exists'));
  });
});

describe('attributes that do not apply', () => {
  test('have their zero value and never the value of another slot (B9, B11)', () => {
    const net: RecordSpec = { kind: 'networkFlow', openFlags: 3, slots: { [SLOT_SIP]: 0x0100007f } };
    fails(net, check('sf.file.is_open_read', '=', 'true'));
    fails(net, check('sf.file.openflags', '=', 'RDWR'));
    fails({ kind: 'fileFlow', slots: { [SLOT_SIP]: 1 } }, check('sf.net.sip', 'exists'));
    holds({ kind: 'fileFlow' }, check('sf.net.sip', '!=', '1.0.0.0'));
    holds(bash, check('sf.file.path', '!=', '/etc/passwd'));
    holds(bash, check('sf.container.type', '=', 'host'));
  });
});

describe('connectives', () => {
  const yes = constant(true);
  const no = constant(false);
  test('and, or, not, constants, macros', () => {
    holds({}, and(yes, yes));
    fails({}, and(yes, no));
    holds({}, or(no, yes));
    fails({}, or(no, no));
    holds({}, and());
    fails({}, or());
    holds({}, not(no));
    const { place } = yes;
    holds({}, { kind: 'macro', name: 'm', body: yes, place });
  });
});

test('file attributes come from the files', () => {
  const rename: RecordSpec = { kind: 'fileEvent', file: makeFile('/tmp/a'), newFile: makeFile('/etc/b') };
  holds(rename, check('sf.file.path', '=', '/tmp/a'));
  holds(rename, check('sf.file.newpath', '=', '/etc/b'));
  holds(rename, check('sf.file.directory', '=', '/tmp'));
});
