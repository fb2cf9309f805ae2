/**
 * Generates policies of any size with typical rules that seldom match: on executions, files and connections, with
 * lists, prefixes, parts of command lines, and ancestors. The same count always generates the same text, in a dialect
 * that the original accepts too.
 */
export function generateRules(count: number): string {
  return `${Array.from({ length: count }, (_, index) => rule(index)).join('\n')}\n`;
}

const TOOLS = ['nmap', 'ncat', 'socat', 'masscan', 'hydra', 'john', 'mimipenguin', 'linpeas', 'chisel', 'xmrig'];
const SHELLS = ['/bin/ash', '/bin/dash', '/bin/ksh', '/bin/tcsh', '/bin/zsh'];
const FOLDERS = ['/etc/cron.d', '/etc/systemd/system', '/root/.ssh', '/usr/lib/pam', '/var/spool/cron', '/opt/agent'];
const SERVERS = ['nginx', 'httpd', 'postgres', 'mysqld', 'redis-server', 'php-fpm', 'java', 'tomcat'];
const MANAGERS = ['dpkg', 'rpm', 'apk', 'apt-get', 'yum', 'dnf', 'zypper', 'pip', 'npm', 'snapd'];

/** Returns one of the words with the number appended, so that no two rules share all their literals. */
function pick(words: readonly string[], index: number): string {
  return `${words[index % words.length]}${index >= words.length ? index : ''}`;
}

/** Formats a list of words. */
function list(words: readonly string[], index: number, count: number): string {
  return `(${Array.from({ length: count }, (_, i) => pick(words, index + i * 3)).join(', ')})`;
}

/** Formats a disjunction of tests of an attribute. */
function any(test: string, words: readonly string[], index: number, count: number): string {
  return `(${Array.from({ length: count }, (_, i) => `${test} ${pick(words, index + i * 3)}`).join(' or ')})`;
}

function rule(index: number): string {
  const [kind, condition] = SHAPES[index % SHAPES.length]!(index);
  return [
    `- rule: Generated ${String(index).padStart(4, '0')} ${kind}`,
    `  desc: Seldom seen (${kind})`,
    `  condition: ${condition}`,
    `  priority: ${['low', 'medium', 'high'][index % 3]}`,
    `  tags: [generated, mitre:T${1000 + (index % 600)}]`,
    '',
  ].join('\n');
}

/**
 * Kinds of rule. A rule has six tests and eighteen literals on average, similar to the original's policies for run-time
 * integrity; most concern operations, paths and names.
 */
const SHAPES: readonly ((index: number) => [kind: string, condition: string])[] = [
  (i) => [
    'execution',
    `sf.opflags = EXEC and (sf.proc.name in ${list(TOOLS, i, 8)} or ${any('sf.proc.exe endswith', TOOLS, i + 1, 2)}) and not sf.pproc.name in ${list(MANAGERS, i, 8)} and sf.proc.tty = true`,
  ],
  (i) => [
    'command line',
    `sf.opflags = EXEC and ${any('sf.proc.exe startswith', SHELLS, i, 2)} and ${any('sf.proc.args contains', TOOLS, i, 3)} and not sf.proc.user in ${list(SERVERS, i, 4)}`,
  ],
  (i) => [
    'file write',
    `sf.type = FF and sf.opflags in (WRITE, TRUNCATE) and ${any('sf.file.path startswith', FOLDERS, i, 3)} and not sf.proc.name in ${list(MANAGERS, i, 10)} and not sf.file.directory in ${list(FOLDERS, i + 2, 4)}`,
  ],
  (i) => [
    'file removal',
    `sf.opflags in (UNLINK, RENAME) and ${any('sf.file.path contains', FOLDERS, i + 2, 2)} and sf.file.path pmatch ${list(TOOLS, i, 3)} and not sf.proc.name in ${list(MANAGERS, i, 8)} and sf.ret = 0`,
  ],
  (i) => [
    'connection',
    `sf.type = NF and sf.opflags = CONNECT and (sf.net.dport = ${20_000 + i} or sf.net.sport = ${20_000 + i}) and not sf.proc.name in ${list(SERVERS, i, 8)} and sf.proc.exe != ${pick(SHELLS, i)}`,
  ],
  (i) => [
    'child of a server',
    `sf.opflags = EXEC and sf.proc.aname in ${list(SERVERS, i, 8)} and ${any('sf.proc.exe startswith', SHELLS, i + 2, 2)} and not sf.proc.args contains ${pick(TOOLS, i)} and not sf.pproc.name in ${list(MANAGERS, i, 6)}`,
  ],
  (i) => [
    'process in a container',
    `sf.container.type = DOCKER and sf.container.image contains ${pick(SERVERS, i)} and sf.opflags in (EXEC, CLONE) and sf.proc.name pmatch ${list(TOOLS, i, 6)} and sf.proc.uid > 0 and not sf.proc.name in ${list(MANAGERS, i, 6)}`,
  ],
  (i) => [
    'file read',
    `sf.type = FF and sf.opflags = READ and (sf.file.path in ${list(FOLDERS, i, 6)} or ${any('sf.file.path startswith', FOLDERS, i + 1, 2)}) and sf.proc.uid > 0 and not sf.proc.name in ${list(MANAGERS, i, 10)}`,
  ],
];
