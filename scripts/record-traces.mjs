/**
 * Records the bundled traces (resources/traces) with `sfprocessor record`, from real commands on this machine.
 *
 *     sudo node scripts/record-traces.mjs [NAME...]
 *
 * Requires Linux, root, strace, curl, wget, git, apt and the standard tools of Debian. Everything runs in a separate
 * mount namespace, on a temporary overlay of the root file system, so the machine remains unchanged. Home folders, /tmp
 * and /srv contain only the files created here. All connections are to 127.0.0.1. The recorded attack uses real
 * techniques, but it is harmless in this namespace.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';
import { RECORDINGS } from './record-traces/recordings.mjs';

/** The path of the project inside the namespace. */
const INSIDE = '/opt/sfprocessor';
/** The first output folder of the traces, which their headers contain. */
const RECORDED = '/var/lib/sysflow';
/** The environment of all recorded commands. */
const ENVIRONMENT = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'HOME=/root',
  'USER=root',
  'LOGNAME=root',
  'SHELL=/bin/bash',
  'LANG=C.UTF-8',
  'TERM=xterm',
];

const MOUNTS = `set -e
mount -t tmpfs none "$BASE"
mkdir "$BASE/upper" "$BASE/work" "$BASE/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$BASE/upper,workdir=$BASE/work" "$BASE/root"
for folder in tmp root home srv opt mnt $HIDDEN; do mkdir -p "$BASE/root/$folder"; mount -t tmpfs none "$BASE/root/$folder"; done
# What this machine has beyond a fresh Debian: sources and settings of apt, additions to Python.
cd "$BASE/root"
rm -rf etc/apt/sources.list etc/apt/sources.list.d/* var/lib/apt/lists/*
find etc/apt/apt.conf.d etc/apt/preferences.d etc/dpkg/dpkg.cfg.d -type f ! -name 01autoremove ! -name 70debconf -delete
rm -f usr/lib/python3*/dist-packages/*.pth usr/local/lib/python3*/dist-packages/*.pth
cd /
chmod 1777 "$BASE/root/tmp"
chmod 700 "$BASE/root/root"
mkdir "$BASE/root${INSIDE}" "$BASE/root/opt/node_modules"
mount --bind "$PROJECT" "$BASE/root${INSIDE}"
mount --bind "$MODULES" "$BASE/root/opt/node_modules"
mount --rbind /proc "$BASE/root/proc"
mount --rbind /dev "$BASE/root/dev"
exec chroot "$BASE/root" env -i ${ENVIRONMENT.join(' ')} "$NODE" ${INSIDE}/scripts/record-traces.mjs --inside "$@"`;

async function outside(names) {
  if (process.getuid?.() !== 0)
    throw new Error('root is needed: the traces are recorded on an overlay of the file system');
  await prepare();
  const base = mkdtempSync(join(tmpdir(), 'sfprocessor-traces-'));
  // Hides the top-level folder that contains the project.
  const hidden = root.split('/')[1];
  const env = {
    ...process.env,
    BASE: base,
    PROJECT: root,
    MODULES: realpathSync(join(root, 'node_modules')),
    NODE: process.execPath,
    HIDDEN: ['usr', 'home', 'root', 'tmp', 'srv', 'opt', 'mnt'].includes(hidden) ? '' : hidden,
  };
  const command = ['--mount', '--propagation', 'private', 'sh', '-c', MOUNTS, 'sh', ...names];
  const status = await new Promise((resolve) => {
    spawn('unshare', command, { stdio: 'inherit', env }).on('exit', resolve);
  });
  rmSync(base, { recursive: true });
  return status;
}

async function inside(names) {
  const traces = join(INSIDE, 'resources/traces');
  mkdirSync(traces, { recursive: true });
  mkdirSync(RECORDED, { recursive: true });
  for (const [name, make] of RECORDINGS) {
    if (names.length > 0 && !names.includes(name)) continue;
    const recorded = join(RECORDED, `${name}.sf`);
    const options = ['--no-ancestors', '--exporter', 'shop-1', '-o', recorded];
    await make([process.execPath, join(INSIDE, 'bin/sfprocessor.js'), 'record', ...options, '--']);
    copyFileSync(recorded, join(traces, `${name}.sf`));
    process.stdout.write(`${name}.sf: ${statSync(recorded).size} bytes\n`);
  }
  return 0;
}

const args = process.argv.slice(2);
process.exitCode = args[0] === '--inside' ? await inside(args.slice(1)) : await outside(args);
