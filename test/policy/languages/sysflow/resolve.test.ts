import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brief, firstCondition, loadCondition } from './support.js';

/** Lists and macros that the conditions below use. */
const DEFINITIONS = `- list: shells
  items: [bash, "zsh"]
- list: all_shells
  items: [shells, '"fish"', shells, bash]
- macro: quiet
  condition: sf.proc.tty = false
- macro: is_quiet
  condition: quiet
`;

/** Conditions without problems, and what they come to. */
const RESOLVES_TO: readonly (readonly [condition: string, tree: string])[] = [
  // Attribute or literal.
  ['sf.proc.name = bash', "sf.proc.name = 'bash'"],
  ['bash = sf.proc.name', "'bash' = sf.proc.name"],
  ['python2.7 = sf.proc.name', "'python2.7' = sf.proc.name"],
  ['1000 = sf.proc.uid', "'1000' = sf.proc.uid"],
  ['sf.proc.exe != sf.pproc.exe', 'sf.proc.exe != sf.pproc.exe'],
  ["sf.proc.exe = 'sf.pproc.exe'", "sf.proc.exe = 'sf.pproc.exe'"],
  ['proc.name = sf.conf', "sf.proc.name = 'sf.conf'"],
  ['sf.proc.pid = sf.proc.tid', 'sf.proc.pid = sf.proc.tid'],
  // Networks.
  ["fd.snet = '10.0.0.0/8'", "fd.snet within '10.0.0.0/8'"],
  ['fd.net != "127.0.0.0/8"', "not(fd.net within '127.0.0.0/8')"],
  ["'10.0.0.0/8' = fd.net", "fd.net within '10.0.0.0/8'"],
  ['fd.cnet in (10.0.0.1, 192.168.0.0/16)', "fd.cnet within '10.0.0.1' '192.168.0.0/16'"],
  ['fd.net exists', 'fd.net exists'],
  // Arguments.
  ['proc.aname[2] = sh', "proc.aname[2] = 'sh'"],
  ['sf.proc.apid[0] = 1', "sf.proc.apid[0] = '1'"],
  ['sf.pod.services[0.clusterip.0] = x', "sf.pod.services[0.clusterip.0] = 'x'"],
  ['sf.ke.message[items.#(a=="b c").d] exists', 'sf.ke.message[items.#(a=="b c").d] exists'],
  ['sf.ke.message[count] > 3', "sf.ke.message[count] > '3'"],
  // Lists.
  ['sf.proc.name in (shells)', "sf.proc.name in 'bash' 'zsh'"],
  ['sf.proc.name in shells', "sf.proc.name in 'bash' 'zsh'"],
  ['sf.proc.name pmatch (all_shells, x)', "sf.proc.name pmatch 'bash' 'zsh' 'fish' 'x'"],
  ["sf.proc.name in ('shells')", "sf.proc.name in 'shells'"],
  ['sf.proc.name in ([shells, [y]], x)', "sf.proc.name in 'bash' 'zsh' 'y' 'x'"],
  ['sf.proc.name = [bash, "a b"]', "sf.proc.name in 'bash' 'a b'"],
  ['sf.proc.name != [bash, sh]', "not(sf.proc.name in 'bash' 'sh')"],
  ['sf.proc.name contains [ba, sh]', "sf.proc.name pmatch 'ba' 'sh'"],
  ['sf.proc.pid < [5, 9]', "or(sf.proc.pid < '5', sf.proc.pid < '9')"],
  ['sf.proc.name startswith [a, b]', "or(sf.proc.name startswith 'a', sf.proc.name startswith 'b')"],
  // Operators.
  ['exists sf.file.path and sf.file.path exists', 'and(sf.file.path exists, sf.file.path exists)'],
  ['sf.ts >= 1548965940603299403', "sf.ts >= '1548965940603299403'"],
  ['sf.net.port > 1024', "sf.net.port > '1024'"],
  ['sf.proc.pid startswith 12', "sf.proc.pid startswith '12'"],
  ['evt.dir = <', "evt.dir = '<'"],
  ['not quiet', "not(quiet:sf.proc.tty = 'false')"],
];

test('conditions resolve to the model', async () => {
  for (const [condition, tree] of RESOLVES_TO) {
    const loaded = await loadCondition(condition, DEFINITIONS);
    assert.deepEqual(brief(loaded.diagnostics), [], condition);
    assert.equal(firstCondition(loaded), tree);
  }
});

/** Conditions with problems: what they come to and what is said. Columns count from 5, where the condition starts. */
const REPORTED: readonly (readonly [condition: string, tree: string, diagnostics: readonly string[]])[] = [
  // Unknown attributes, in both polarities.
  ['sf.poc.name = x', 'broken(false)', ["error[unknown-attribute] 'sf.poc.name'"]],
  ['not sf.poc.name = x', 'not(broken(true))', ["error[unknown-attribute] 'sf.poc.name'"]],
  ['not not sf.poc.name = x', 'not(not(broken(false)))', ["error[unknown-attribute] 'sf.poc.name'"]],
  [
    'not (quiet or sf.poc.name = x)',
    "not(or(quiet:sf.proc.tty = 'false', broken(true)))",
    ["error[unknown-attribute] 'sf.poc.name'"],
  ],
  ['foo = bar', 'broken(false)', ["error[unknown-attribute] 'foo'"]],
  ['foo in (bar)', 'broken(false)', ["error[unknown-attribute] 'foo'"]],
  ['foo exists', 'broken(false)', ["error[unknown-attribute] 'foo'"]],
  ['srf.proc.name = sf.pproc.name', 'broken(false)', ["error[unknown-attribute] 'srf.proc.name'"]],
  ['sf.proc.name = sf.pproc.nam', 'broken(false)', ["error[unknown-attribute] 'sf.pproc.nam'"]],
  ['sf.proc.name = proc.exee', "sf.proc.name = 'proc.exee'", ["warning[suspicious-literal] 'proc.exee'"]],
  // Macros and lists.
  ['quite', 'broken(false)', ["error[undefined-macro] 'quite'"]],
  ['not quite', 'not(broken(true))', ["error[undefined-macro] 'quite'"]],
  ['sf.proc.tty', 'broken(false)', ["error[undefined-macro] 'sf.proc.tty'"]],
  ['sf.proc.name in shels', 'broken(false)', ["error[undefined-list] 'shels'"]],
  ['sf.proc.name in (all_shels)', "sf.proc.name in 'all_shels'", ["warning[suspicious-literal] 'all_shels'"]],
  ['sf.proc.name = shells', "sf.proc.name = 'shells'", ["warning[suspicious-literal] 'shells'"]],
  ['sf.proc.name in (is_quiet)', "sf.proc.name in 'is_quiet'", ["warning[suspicious-literal] 'is_quiet'"]],
  ['foo in shels', 'broken(false)', ["error[unknown-attribute] 'foo'", "error[undefined-list] 'shels'"]],
  [
    'sf.proc.name in (sf.pproc.name)',
    "sf.proc.name in 'sf.pproc.name'",
    ["warning[suspicious-literal] 'sf.pproc.name'"],
  ],
  ['sf.proc.name in ()', 'sf.proc.name in', ["warning[never-true] 'sf.proc.name in ()'"]],
  // Types.
  ['sf.proc.pid = abc', 'broken(false)', ["error[type-mismatch] 'abc'"]],
  ['sf.proc.pid != abc', 'broken(false)', ["error[type-mismatch] 'abc'"]],
  ['sf.proc.pid = 1.5', 'broken(false)', ["error[type-mismatch] '1.5'"]],
  ['sf.proc.pid > 0x10', 'broken(false)', ["error[type-mismatch] '0x10'"]],
  ['sf.proc.pid = 9223372036854775808', 'broken(false)', ["error[type-mismatch] '9223372036854775808'"]],
  ['abc = sf.proc.pid', 'broken(false)', ["error[type-mismatch] 'abc'"]],
  ['sf.proc.pid in (1, x)', "sf.proc.pid in '1' 'x'", ["error[type-mismatch] 'x'"]],
  ['sf.proc.pid = 007', "sf.proc.pid = '007'", ["warning[never-true] '007'"]],
  ['sf.proc.name > 5', 'broken(false)', ["error[type-mismatch] 'sf.proc.name'"]],
  ['sf.proc.tty >= 1', 'broken(false)', ["error[type-mismatch] 'sf.proc.tty'"]],
  ['sf.ts > 2021-05-25', 'broken(false)', ["error[type-mismatch] '2021-05-25'"]],
  ['sf.proc.pid = sf.proc.exe', 'broken(false)', ["error[type-mismatch] 'sf.proc.exe'"]],
  ['sf.proc.tty = sf.proc.pid', 'broken(false)', ["error[type-mismatch] 'sf.proc.pid'"]],
  ['sf.proc.exe[a] = x', 'broken(false)', ["error[type-mismatch] 'sf.proc.exe[a]'"]],
  ['sf.proc.aname[x] = x', 'broken(false)', ["error[type-mismatch] 'sf.proc.aname[x]'"]],
  ['sf.proc.aname[2]x = sh', 'broken(false)', ["error[unknown-attribute] 'sf.proc.aname[2]x'"]],
  ['fd.net contains 10', 'broken(false)', ["error[type-mismatch] 'fd.net contains 10'"]],
  ['fd.net = fd.snet', 'broken(false)', ["error[type-mismatch] 'fd.net = fd.snet'"]],
  ['fd.net = 10.0.0.0/33', 'broken(false)', ["error[type-mismatch] '10.0.0.0/33'"]],
  ['not fd.net != local', 'not(broken(true))', ["error[type-mismatch] 'local'"]],
  ['fd.net in (10.0.0.0/8, x)', "fd.net within '10.0.0.0/8' 'x'", ["error[type-mismatch] 'x'"]],
  ['fd.rnet = 10.0.0.0/8', 'broken(false)', ["error[unknown-attribute] 'fd.rnet'"]],
  // Values that an attribute never has.
  ["fd.net = 'fe80::/10'", "fd.net within 'fe80::/10'", ["warning[never-true] ''fe80::/10''"]],
  [
    'sf.net.dip in (10.0.0.0/8, 10.0.0.1)',
    "sf.net.dip in '10.0.0.0/8' '10.0.0.1'",
    ["warning[never-true] '10.0.0.0/8'"],
  ],
  ['sf.type = XX', "sf.type = 'XX'", ["warning[never-true] 'XX'"]],
  ['sf.opflags in (EXEC, EXCE)', "sf.opflags in 'EXEC' 'EXCE'", ["warning[never-true] 'EXCE'"]],
  ['sf.proc.tty = yes', "sf.proc.tty = 'yes'", ["warning[never-true] 'yes'"]],
  ['sf.file.type = file', "sf.file.type = 'file'", ["warning[never-true] 'file'"]],
  ['evt.type in (execve, bpf)', "evt.type in 'execve' 'bpf'", ["warning[unsupported-event] 'bpf'"]],
  // Probable mistakes.
  ["'sf.proc.exe' = x", "'sf.proc.exe' = 'x'", ["warning[suspicious-literal] ''sf.proc.exe''"]],
  ['1 = 1', "'1' = '1'", ["warning[suspicious-literal] '1 = 1'"]],
  ["sf.proc.args contains ''", "sf.proc.args contains ''", ["warning[always-true] ''''"]],
];

test('what does not resolve is reported at its place and never makes the rule fire', async () => {
  for (const [condition, tree, expected] of REPORTED) {
    const loaded = await loadCondition(condition, DEFINITIONS);
    const found = brief(loaded.diagnostics).map((line) => line.slice(line.indexOf(' ') + 1));
    assert.deepEqual(found, expected, condition);
    assert.equal(firstCondition(loaded), tree, condition);
    const [{ source, range }] = loaded.diagnostics as [(typeof loaded.diagnostics)[number]];
    const line = source!.text.split('\n').findLastIndex((text) => text.includes(condition)) + 1;
    assert.equal(brief(loaded.diagnostics)[0]!.split(':')[0], String(line), condition);
    assert.ok(range!.end > range!.start);
  }
});

const HINTS: readonly (readonly [condition: string, hint: RegExp])[] = [
  ['sf.poc.name = x', /^did you mean 'sf\.proc\.name'\?$/],
  ['sf-process.args contains x', /^did you mean 'sf\.proc\.args'\?$/],
  ['proc.is_exe_from_memfd = true', /SysFlow does not record/],
  ['quite', /^did you mean 'quiet'\?$/],
  ['shells', /^'shells' is a list$|^did you mean/],
  ['sf.proc.tty', /^write 'sf\.proc\.tty = true'$/],
  ['sf.proc.nam', /attribute 'sf\.proc\.name'/],
  ['sf.net.proto = udp', /^did you mean '17'\?$/],
  ['sf.ts > 1970-01-02', /^did you mean '86400000000000'\?$/],
  ['sf.opflags = exec', /^did you mean 'EXEC'\?$/],
  ["sf.opflags = 'OPEN,CLOSE'", /^did you mean 'in \(OPEN, CLOSE\)'\?$/],
  ['sf.opflags = OP_EXEC', /^did you mean 'EXEC'\?$/],
  ['sf.file.openflags = O_CREAT', /^did you mean 'CREAT'\?$/],
  ['sf.proc.tty = 1', /^did you mean 'true'\?$/],
  ['sf.type = exe', /^its values are PE, /],
  ['sf.proc.name = shells', /^write 'in \(shells\)'$/],
  ['sf.proc.name contains shells', /^write 'pmatch \(shells\)'$/],
  ['sf.proc.username = root', /^write 'sf\.proc\.user'$/],
  ['sf.proc.name contains a b', /in quotes/],
  ['sf.proc.name = and', /in quotes/],
];

test('problems say what to do', async () => {
  for (const [condition, hint] of HINTS) {
    const { diagnostics } = await loadCondition(condition, DEFINITIONS);
    assert.match(diagnostics[0]?.hint ?? 'no hint', hint, condition);
  }
});
