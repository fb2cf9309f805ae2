/** Advice for policies that are valid but probably contain mistakes, for each way of reading their files. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgePlainYaml } from '../../../../src/policy/languages/sysflow/plain-yaml.js';
import { readTolerantly } from '../../../../src/policy/languages/sysflow/tolerant-reader.js';
import type { LoadedPolicies } from '../../../../src/policy/load-policies.js';
import { firstCondition, load, loadCondition } from './support.js';

/** Problems as `severity code 'text at the place': message; hint`. */
function told({ diagnostics }: LoadedPolicies): string[] {
  return diagnostics.map(({ severity, code, message, hint, source, range }) => {
    const text = source === null || range === null ? '' : source.text.slice(range.start, range.end);
    return `${severity} ${code} '${text}': ${message}${hint === undefined ? '' : `; ${hint}`}`;
  });
}

const problemsOf = async (condition: string, definitions = ''): Promise<string[]> =>
  told(await loadCondition(condition, definitions));

/**
 * Loads a policy in three ways: as it stands, which needs no YAML library; as YAML that needs it; and with the original's
 * grammar, in a file that is no YAML. Gives the last and asserts that the others are alike.
 */
async function loadThreeWays(text: string): Promise<LoadedPolicies> {
  const plain = { path: 'a.yaml', text };
  assert.equal(judgePlainYaml(plain, readTolerantly(plain)).kind, 'yaml', text);
  const [first, library, tolerant] = [
    await load(text),
    await load(`---\n${text}`),
    await load(`${text}- filter: other\n  condition: sf.type = KE\n  desc: no: yaml\n`),
  ];
  const own = told(tolerant).filter((line) => !line.startsWith('note not-yaml'));
  assert.notEqual(own.length, tolerant.diagnostics.length);
  assert.deepEqual(told(library), told(first), text);
  assert.deepEqual(own, told(first), text);
  assert.equal(firstCondition(library), firstCondition(first));
  assert.equal(firstCondition(tolerant), firstCondition(first));
  return first;
}

test("an unknown list in 'in (…)' was used as a text without a warning", async () => {
  const define = 'define the list, or put the text in quotes';
  const missing = (name: string): string =>
    `warning suspicious-literal '${name}': unknown list '${name}'; it is used as a text; ${define}`;
  const cases: readonly (readonly [condition: string, names: readonly string[]])[] = [
    ['proc.name in (shell_binaries)', ['shell_binaries']],
    ['not proc.name in (package_mgmt_binaries)', ['package_mgmt_binaries']],
    ['proc.name in (shell_binaries, docker_binaries, bash)', ['shell_binaries', 'docker_binaries']],
    ['fd.name pmatch (sensitive_directories)', ['sensitive_directories']],
    ['proc.name = [web_servers, sh]', ['web_servers']],
    ['proc.name in (my_programs_2)', ['my_programs_2']],
    // A text in quotes is meant; so are names beside others that are none of several things.
    ['proc.name in ("shell_binaries")', []],
    ['fd.filename in (id_rsa, authorized_keys, known_hosts)', []],
    ['user.name in (_apt)', []],
    ['sf.ke.kind in (K8S_PODS)', []],
    ['evt.arg.flags in (O_CREAT)', []],
  ];
  for (const [condition, names] of cases) assert.deepEqual(await problemsOf(condition), names.map(missing), condition);
  const inList = '- list: all\n  items: [shell_binaries, bash, "mail_binaries", id_rsa]\n';
  assert.deepEqual(await problemsOf('proc.name in (all)', inList), [missing('shell_binaries')]);
  // One that only ends alike is not meant.
  const similar = '- list: mail_binaries\n  items: [sendmail]\n- list: shel_binaries\n  items: [sh]\n';
  assert.deepEqual(await problemsOf('proc.name in (docker_binaries)', similar), [missing('docker_binaries')]);
  assert.match((await problemsOf('proc.name in (shell_binaries)', similar))[0]!, /did you mean 'shel_binaries'\?$/);
});

test('a text where a list is meant was taken as one item without a word', async () => {
  const loaded = await loadThreeWays(
    '- list: programs\n  items: yes, ls\n' +
      '- rule: r\n  desc: d\n  condition: sf.proc.name in (programs)\n  tags: container, shell\n  prefilter: PE\n  actions: one,two\n',
  );
  assert.deepEqual(told(loaded), [
    "warning invalid-value 'yes, ls': 'items' must be a list; it is read as '[yes, ls]'",
    "warning invalid-value 'container, shell': 'tags' must be a list; it is read as '[container, shell]'",
    "warning invalid-value 'PE': 'prefilter' must be a list; it is read as '[PE]'",
    "warning invalid-value 'one,two': 'actions' must be a list; it is read as '[one, two]'",
  ]);
  assert.equal(firstCondition(loaded), "sf.proc.name in 'yes' 'ls'");
  const { tags, prefilter, actions } = loaded.policy.rules[0]!;
  assert.deepEqual([tags, prefilter, actions], [['container', 'shell'], ['PE'], ['one', 'two']]);
  const quoted = await loadThreeWays('- rule: r\n  desc: d\n  condition: sf.type = PE\n  tags: "a, b"\n');
  assert.deepEqual(quoted.policy.rules[0]!.tags, ['a, b']);
  assert.match(told(quoted).join(), /^warning invalid-value '"a, b"': .* '\["a, b"\]'/);
  for (const items of ['a, [b]', '|\n    a, b']) {
    const { diagnostics } = await load(`- list: l\n  items: ${items}\n`);
    assert.deepEqual(
      diagnostics.map(({ message }) => message),
      ["'items' must be a list: [a, b]"],
    );
  }
});

test('a comma that is missing in a list was not told', async () => {
  const loaded = await loadThreeWays(
    '- list: a\n  items: [bash sh, zsh]\n- list: b\n  items: [/bin/sh /bin/dash, "a b", sh -c x, a]\n' +
      '- rule: r\n  desc: d\n  condition: sf.proc.name in (a, b)\n',
  );
  assert.deepEqual(told(loaded), [
    "warning suspicious-literal 'bash sh': 'bash sh' is a single item: separate items by commas; write 'bash, sh', or put it in quotes",
    "warning suspicious-literal '/bin/sh /bin/dash': '/bin/sh /bin/dash' is a single item: separate items by commas; write '/bin/sh, /bin/dash', or put it in quotes",
  ]);
});

test('escaped quotes in a condition are read whichever way its file is read', async () => {
  const tree = `sf.proc.args contains 'a "b c" \\ d'`;
  const loaded = await loadThreeWays('- rule: r\n  desc: d\n  condition: sf.proc.args contains "a \\"b c\\" \\\\ d"\n');
  assert.deepEqual([firstCondition(loaded), told(loaded)], [tree, []]);
  const quoted = await load(`- rule: r\n  desc: d\n  condition: 'sf.proc.args contains "a \\"b c\\" \\\\ d"'\n`);
  assert.equal(firstCondition(quoted), tree);
});

test('escaped quotes in a list item ended it in a file that is not valid YAML', async () => {
  const loaded = await loadThreeWays(
    '- list: l\n  items: ["sh -c \\"a, b\\"", c]\n- rule: r\n  desc: d\n  condition: sf.proc.args in (l)\n',
  );
  assert.equal(firstCondition(loaded), `sf.proc.args in 'sh -c "a, b' 'c'`);
  assert.deepEqual(told(loaded), []);
});

test('names that Falco cuts to 15 characters matched nothing without a word', async () => {
  const why = 'Falco truncates process names to 15 characters, but SysFlow records whole names';
  const list = '- list: deb_binaries\n  items: [dpkg, dpkg-preconfigu, unattended-upgr]\n';
  assert.deepEqual(await problemsOf('proc.name in (deb_binaries)', list), [
    `warning suspicious-literal 'dpkg-preconfigu': 'dpkg-preconfigu' is probably truncated: ${why}; write 'dpkg-preconfigure'`,
    `warning suspicious-literal 'unattended-upgr': 'unattended-upgr' is probably truncated: ${why}; write 'unattended-upgrade', 'unattended-upgrades'`,
  ]);
  for (const test of ['proc.pname = ', 'proc.aname != ', 'sf.proc.aname[2] = ']) {
    assert.match((await problemsOf(`${test}docker-entrypoi`)).join(), /^warning .*write 'docker-entrypoint\.sh'$/);
  }
  // Unknown names: one note for all.
  assert.deepEqual(await problemsOf('proc.name in (abcdefghijklmno, sh, bcdefghijklmnop)'), [
    `note suspicious-literal 'abcdefghijklmno': 'abcdefghijklmno', 'bcdefghijklmnop' may be truncated: ${why}`,
  ]);
  for (const condition of [
    'proc.name = containerd-shim',
    'proc.name in (unattended-upgr, unattended-upgrade)',
    'proc.name startswith unattended-upgr',
    'proc.args = unattended-upgr',
    'proc.name = abcdefghijklmn',
  ]) {
    assert.deepEqual(await problemsOf(condition), [], condition);
  }
});

test('patterns and home folders in tests of paths matched nothing without a warning', async () => {
  const cases: readonly (readonly [condition: string, hint: RegExp])[] = [
    ['sf.file.path = /tmp/*', /'\*' is an ordinary character: '=' .*; write 'startswith \/tmp\/'$/],
    ['fd.name in (/tmp/*, /etc/passwd)', /'in' .*; write 'startswith \/tmp\/'$/],
    ['proc.name = *.sh', /write 'endswith \.sh'$/],
    ['sf.proc.exe contains *tmp*', /write 'contains tmp'$/],
    ['sf.proc.exe startswith /opt/*/bin/', /compare the parts around it/],
    ['sf.file.path startswith ~/.ssh', /'~' is not expanded to a home folder: .*, or 'contains \/\.ssh'$/],
    ['sf.file.path startswith ~root/', /: SysFlow records whole paths; write the whole path$/],
    ['sf.file.path = $HOME/.bashrc', /'\$HOME' is not expanded to a home folder: .*, or 'contains \/\.bashrc'$/],
    ['fd.directory = ~root/.ssh/*', /'~root' is not expanded to a home folder: .*'contains \/\.ssh\/'$/],
  ];
  for (const [condition, hint] of cases) {
    const found = await problemsOf(condition);
    assert.equal(found.length, 1, condition);
    assert.match(found[0]!, hint);
  }
  for (const condition of ['proc.args contains "rm -rf /*"', 'proc.cmdline contains ~/.ssh', 'fd.name contains a~']) {
    assert.deepEqual(await problemsOf(condition), []);
  }
});

test('addresses and numbers out of their range had no hint', async () => {
  const cases: readonly (readonly [condition: string, expected: RegExp])[] = [
    [
      'sf.net.dip = 10.0.0.300',
      /^warning never-true '10\.0\.0\.300': .*the numbers of an address must be 0 to 255, not '300'/,
    ],
    ['fd.sip in (10.0.0.1, 1.2.3.4.5)', /^warning never-true '1\.2\.3\.4\.5': .*four decimal numbers/],
    ['fd.ip = localhost', /never 'localhost': .*not host names/],
    ['fd.ip = 010.0.0.1', /never '010\.0\.0\.1'/],
    ['fd.ip = ::1', /IPv4 addresses only/],
    ['fd.snet = 10.0.0.300', /^error type-mismatch .*the numbers of an address must be 0 to 255/],
    ['fd.snet in (10.0.0.0/33, 10.0.0.0/8)', /a network has 0 to 32 bits, not 33/],
    ['sf.net.dport = 70000', /^warning never-true '70000': 'sf\.net\.dport' is never '70000': ports are 0 to 65535/],
    ['sf.net.port > 65535', /'sf\.net\.port' > '65535' is never true: ports are/],
    ['65535 < fd.sport', /'sf\.net\.dport' > '65535' is never true/],
    ['sf.net.dport <= 65535', /^warning always-true/],
    ['sf.net.proto in (6, 256)', /never '256': protocols/],
    ['proc.pid < 0', /^warning never-true .*process ids are not negative/],
    ['sf.flow.rbytes >= 0', /^warning always-true/],
    ['user.uid < 0', /^warning suspicious-literal '0': .*ids of 2147483648 and above.*; '= -1'/],
    ['user.uid = 4294967295', /^warning never-true .*signed 32-bit numbers; write '-1' for 4294967295/],
  ];
  for (const [condition, expected] of cases) {
    const found = await problemsOf(condition);
    assert.equal(found.length, 1, `${condition}: ${found.join('\n')}`);
    assert.match(found[0]!, expected);
  }
  for (const condition of [
    "fd.ip = ''",
    'user.uid = -1',
    'user.uid <= 0',
    'user.uid >= 0',
    'sf.net.dport < 1024',
    'sf.ret < 0',
  ]) {
    assert.deepEqual(await problemsOf(condition), [], condition);
  }
});

test("'override', and an item that only switches a rule off, had no advice", async () => {
  const loaded = await load(
    '- list: l\n  items: [ls]\n- macro: m\n  condition: sf.proc.name in (l)\n- rule: r\n  desc: d\n  condition: m\n',
    '- list: l\n  items: [curl]\n  append: true\n  override:\n    items: append\n' +
      '- macro: m\n  condition: or sf.type = PE\n  append: true\n  override: {condition: append}\n' +
      '- rule: r\n  enabled: false\n- rule: r\n  override: {tags: append}\n  tags: [x]\n- rule: s\n  enabled: false\n',
  );
  const override =
    "warning unsupported-key 'override': 'override' has no effect: it belongs to the Falco language; use 'append: true' to add to the earlier definition, or change that one";
  assert.deepEqual(told(loaded), [
    override,
    override,
    "error missing-key 'r': rule 'r' has no 'condition'; it is ignored; set 'enabled' where it is defined first, in a.yaml:5",
    "error missing-key 'r': rule 'r' has no 'condition'; it is ignored; change the definition in a.yaml:5, or add a condition to it with 'append: true'",
    override,
    "error missing-key 's': rule 's' has no 'condition'; it is ignored",
  ]);
});

test("of two rules with a name, 'both fire' was said where one is left out", async () => {
  const rule = (condition: string, more = ''): string => `- rule: r\n  desc: d\n  condition: ${condition}\n${more}`;
  const off = '  enabled: false\n';
  const effect = async (...rules: string[]): Promise<string[]> =>
    (await load(rules.join(''))).diagnostics
      .filter(({ code }) => code === 'duplicate-name')
      .map(({ message }) => message.replace("rule 'r' is defined twice in this file; ", ''));
  assert.deepEqual(await effect(rule('sf.type = PE'), rule('sf.type = FF')), ['both fire']);
  assert.deepEqual(await effect(rule('sf.type = PE'), rule('and sf.type = FF')), ['only the earlier one fires']);
  assert.deepEqual(await effect(rule('sf.type ='), rule('sf.type = FF')), ['only this one fires']);
  assert.deepEqual(await effect(rule('sf.type = PE', off), rule('sf.type = FF')), ['only this one fires']);
  assert.deepEqual(await effect(rule('sf.type = PE', off), rule('sf.type = FF', off)), ['neither fires']);
  assert.deepEqual(await effect(rule('sf.type = PE'), rule('sf.type ='), rule('sf.type = FF')), [
    'only the earlier one fires',
    'both fire',
  ]);
  const skipped = rule('proc.nothing = x', '  skip-if-unknown-filter: true\n');
  assert.deepEqual(await effect(rule('sf.type = PE'), skipped), ['only the earlier one fires']);
});

test("a values file of Falco's Helm chart was told as an item of an unknown kind", async () => {
  for (const text of [
    'customRules:\n  mine.yaml: |-\n    - rule: r\n      desc: d\n      condition: evt.type = execve\n',
    'driver:\n  kind: ebpf\ncustomRules: {}\n',
  ]) {
    const found = told(await load(text));
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0]!, /^error unknown-item 'customRules': .*values file of Falco's Helm chart.*; copy each text/);
  }
});

test('fields of Falco whose value SysFlow records elsewhere were told as not recorded', async () => {
  const cases: readonly (readonly [name: string, hint: RegExp])[] = [
    ['evt.args', /'evt\.arg\.path'/],
    ['evt.arg[0]', /'evt\.arg\[1\]' and 'evt\.arg\[2\]'/],
    ['evt.arg', /'evt\.arg\[1\]'/],
    ['evt.arg.res', /'evt\.res'/],
    ['container.image.digest', /'sf\.container\.image' contains the digest/],
    ['k8s.svc.name', /'sf\.pod\.services\[0\.name\]'/],
    ['evt.hostname', /'sf\.node\.id'/],
    ['k8s.deployment.name', /is not supported$/],
    ['user.loginuid', /SysFlow does not record/],
  ];
  for (const [name, hint] of cases) {
    const found = await problemsOf(`${name} contains x`);
    assert.match(found[0]!, /^error unknown-attribute/, name);
    assert.match(found[0]!, hint, name);
  }
});

test('labels of pods are found by their names, which can contain dots and slashes', async () => {
  const cases: readonly (readonly [condition: string, tree: string])[] = [
    ['k8s.pod.label.role = frontend', "k8s.pod.label[role] = 'frontend'"],
    ['k8s.pod.label[role] exists', 'k8s.pod.label[role] exists'],
    ['k8s.pod.label.app.kubernetes.io/name = x', "k8s.pod.label[app\\.kubernetes\\.io\\/name] = 'x'"],
    ['k8s.pod.label[app.kubernetes.io/name] = x', "k8s.pod.label[app\\.kubernetes\\.io\\/name] = 'x'"],
    ['k8s.pod.label[@keys] = x', "k8s.pod.label[\\@keys] = 'x'"],
    ["k8s.pod.labels contains 'role:'", "k8s.pod.labels contains 'role:'"],
    ['evt.arg[1] startswith /bin/', "evt.arg[1] startswith '/bin/'"],
  ];
  for (const [condition, tree] of cases) {
    const loaded = await loadCondition(condition);
    assert.deepEqual([firstCondition(loaded), told(loaded)], [tree, []]);
  }
  assert.match((await problemsOf('k8s.pod.label.a[b] = x'))[0]!, /^error type-mismatch/);
});

test('an unknown modifier was used as a key without a warning', async () => {
  assert.deepEqual(await problemsOf('sf.pod.services[0.name|@uglyy] = x'), [
    "warning suspicious-literal '@uglyy': unknown modifier '@uglyy'; it is used as a key; did you mean '@ugly'?",
  ]);
  assert.match(
    (await problemsOf('sf.ke.message[@foo] exists'))[0]!,
    /'@foo'; it is used as a key; known modifiers: @this, /,
  );
  for (const path of ['@keys|0', 'a.@reverse', 'a.\\@foo', 'items.#(mail=="a.@b").x', 'a@b.c']) {
    assert.deepEqual(await problemsOf(`sf.ke.message[${path}] exists`), [], path);
  }
});

test('what is well-formed of a condition that is not was not checked', async () => {
  const found = await problemsOf(
    'sf.proc.nam = a and proc.name matches b and evt.type = bpf',
    '- macro: unused\n  condition: sf.type = PE\n',
  );
  assert.deepEqual(
    found.map((line) => line.split("'").slice(0, 2).join('')),
    ['error unknown-attribute sf.proc.nam', 'error policy-syntax matches', 'warning unsupported-event bpf'],
  );
});

test('a text of several words where a list is meant was one item, and the advice kept it so', async () => {
  const found = told(
    await load('- list: shells\n  items: bash sh\n- rule: r\n  desc: d\n  condition: proc.name in (shells)\n'),
  );
  assert.ok(
    found.some((line) =>
      line.endsWith("'bash sh' is a single item: separate items by commas; write 'bash, sh', or put it in quotes"),
    ),
    found.join('\n'),
  );
  const block = await load(
    '- list: shells\n  items:\n    - bash sh\n- rule: r\n  desc: d\n  condition: proc.name in (shells)\n',
  );
  assert.deepEqual(told(block), []);
});

test("'NOT in (…)' behind an attribute had no advice, though 'not in (…)' had", async () => {
  assert.match(
    (await problemsOf('proc.name NOT IN (a)')).join(),
    /'NOT' is not an operator that negates a test; .*write 'not proc\.name in …'$/,
  );
});

test('a file of rule tests among policies was told as an item of an unknown kind', async () => {
  const { diagnostics } = await load('policy: rules.yaml\ntests:\n  - { name: a, expect: {} }\n');
  assert.match(
    diagnostics.map(({ message, hint }) => `${message}; ${hint}`).join(),
    /^this is a file of rule tests, not of rules; run it with 'sfprocessor test'$/,
  );
});
