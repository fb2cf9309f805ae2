/**
 * Policies of any size as people write them: rules on executions, files and connections, with lists, prefixes, parts of
 * command lines and ancestors, that seldom match. The same number always gives the same text, in the dialect that the
 * original reads too.
 */
export function generateRules(count: number): string {
  return `${Array.from({ length: count }, (_, index) => rule(index)).join('\n')}\n`;
}

const TOOLS = ['nmap', 'ncat', 'socat', 'masscan', 'hydra', 'john', 'mimipenguin', 'linpeas', 'chisel', 'xmrig'];
const SHELLS = ['/bin/ash', '/bin/dash', '/bin/ksh', '/bin/tcsh', '/bin/zsh'];
const FOLDERS = ['/etc/cron.d', '/etc/systemd/system', '/root/.ssh', '/usr/lib/pam', '/var/spool/cron', '/opt/agent'];
const SERVERS = ['nginx', 'httpd', 'postgres', 'mysqld', 'redis-server', 'php-fpm', 'java', 'tomcat'];

/** One of the words, made one of a kind by the number, so that no two rules share all their literals. */
function pick(words: readonly string[], index: number): string {
  return `${words[index % words.length]}${index >= words.length ? index : ''}`;
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

/** The kinds of rule, in the proportion in which the shipped policies have them. */
const SHAPES: readonly ((index: number) => [kind: string, condition: string])[] = [
  (i) => [
    'execution',
    `sf.opflags = EXEC and sf.proc.name in (${pick(TOOLS, i)}, ${pick(TOOLS, i + 3)}, ${pick(TOOLS, i + 5)})`,
  ],
  (i) => [
    'command line',
    `sf.opflags = EXEC and sf.proc.exe startswith ${pick(SHELLS, i)} and sf.proc.args contains ${pick(TOOLS, i + 1)}`,
  ],
  (i) => [
    'file write',
    `sf.type = FF and sf.opflags = WRITE and sf.file.path startswith ${pick(FOLDERS, i)} and not sf.proc.name in (dpkg, rpm, apk)`,
  ],
  (i) => [
    'file removal',
    `sf.opflags in (UNLINK, RENAME) and sf.file.path contains ${pick(FOLDERS, i + 2)}/backup${i}`,
  ],
  (i) => [
    'connection',
    `sf.type = NF and sf.net.dport = ${20_000 + i} and not sf.proc.name in (${pick(SERVERS, i)}, ${pick(SERVERS, i + 2)})`,
  ],
  (i) => [
    'child of a server',
    `sf.opflags = EXEC and sf.proc.aname in (${pick(SERVERS, i)}, ${pick(SERVERS, i + 1)}) and sf.proc.exe endswith ${pick(SHELLS, i + 2)}`,
  ],
  (i) => [
    'process in a container',
    `sf.container.type = DOCKER and sf.container.image contains ${pick(SERVERS, i)} and sf.proc.name pmatch (${pick(TOOLS, i)}, ${pick(TOOLS, i + 4)})`,
  ],
  (i) => [
    'file read',
    `sf.type = FF and sf.opflags = READ and sf.file.path in (${pick(FOLDERS, i)}/key, ${pick(FOLDERS, i + 1)}/token) and sf.proc.uid > 0`,
  ],
];
