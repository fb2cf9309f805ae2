/**
 * Process names with 15 characters. Falco gets process names from the kernel, which stores 15 bytes of each, so its
 * rules contain truncated names. SysFlow uses the base name of the executable.
 */

/** Full names of the programs that appear truncated in Falco's rules and similar ones. */
const CUT: readonly string[] = [
  'PassengerWatchdog',
  'add-apt-repository',
  'apt-add-repository',
  'apt-auto-removal',
  'apt.systemd.daily',
  'ca-certificates.postinst',
  'check-new-release-gtk',
  'critical-stack-intel',
  'dbus-daemon-launch-helper',
  'docker-containerd',
  'docker-entrypoint.sh',
  'docker-runc-current',
  'dpkg-preconfigure',
  'dpkg-reconfigure',
  'gen_resolvconf.sh',
  'gitlab-runner-build',
  'google_accounts_daemon',
  'haproxy_reload.sh',
  'hddtemp.postinst',
  'httpd-foreground',
  'kube-controller-manager',
  'locales.postinst',
  'mesos-docker-executor',
  'mesos-health-check',
  'mysql_install_db',
  'mysql_ssl_rsa_setup',
  'nginx-ingress-controller',
  'nvidia-installer',
  'omsconfig.postinst',
  'polkit-agent-helper-1',
  'qualys-cloud-agent',
  'redis-launcher.sh',
  'rhsmcertd-worker',
  'sane-utils.postinst',
  'sefcontext_compile',
  'start-stop-daemon',
  'subscription-manager',
  'systemd-journald',
  'systemd-machine-id-setup',
  'systemd-networkd',
  'systemd-resolved',
  'systemd-sysusers',
  'systemd-timesyncd',
  'systemd.postinst',
  'unattended-upgrade',
  'unattended-upgrades',
  'unicorn_launcher',
  'update-alternatives',
  'update-ca-certificates',
  'update-initramfs',
  'update-xmlcatalog',
  'urlgrabber-ext-down',
  'yum-config-manager',
];

const WHOLE_BY_CUT: ReadonlyMap<string, readonly string[]> = byCutName(CUT);

/** Program names that have 15 characters and are not truncated. */
const WHOLE: ReadonlySet<string> = new Set([
  'accounts-daemon',
  'apparmor_parser',
  'apt-listchanges',
  'chef-monitor.py',
  'cockpit-session',
  'consul-template',
  'containerd-shim',
  'csi-provisioner',
  'dhclient-script',
  'dockerd-current',
  'erl_child_setup',
  'git-remote-http',
  'nginx-launch.sh',
  'openshift-tuned',
  'ossec-syscheckd',
  'pam-auth-update',
  'rabbitmq-server',
  'run-openldap.sh',
  'tzdata.postinst',
  'update-ca-trust',
  'update-notifier',
]);

/** Returns the full names of programs whose truncated name is `cut`; empty if none is known. */
export function wholeNamesOf(cut: string): readonly string[] {
  return WHOLE_BY_CUT.get(cut) ?? [];
}

function byCutName(names: readonly string[]): Map<string, string[]> {
  const byCut = new Map<string, string[]>();
  for (const name of names) byCut.set(name.slice(0, 15), [...(byCut.get(name.slice(0, 15)) ?? []), name]);
  return byCut;
}

/** Whether a name of 15 characters is known not to be truncated. */
export function isWholeName(name: string): boolean {
  return WHOLE.has(name);
}
