/**
 * The keys of dockerd's file (its reference, "Daemon configuration file", and moby daemon/config) that say nothing
 * to a daemon of images: a file that has them is right, and they do nothing here.
 */
export const unusedDockerdKeys: ReadonlySet<string> = new Set([
  ...['allow-direct-routing', 'allow-nondistributable-artifacts', 'api-cors-header', 'authorization-plugins'],
  ...['bip', 'bip6', 'bridge', 'bridge-accept-fwmark', 'builder', 'cdi-spec-dirs', 'cgroup-parent'],
  ...['cluster-advertise', 'cluster-store', 'cluster-store-opts', 'containerd', 'containerd-namespace'],
  ...['containerd-plugins-namespace', 'containerd-plugin-namespace', 'cpu-rt-period', 'cpu-rt-runtime'],
  ...['cri-containerd', 'default-address-pools', 'default-cgroupns-mode', 'default-gateway'],
  ...[
    'default-gateway-v6',
    'default-ipc-mode',
    'default-network-opts',
    'default-runtime',
    'default-shm-size',
  ],
  ...['default-ulimits', 'deprecated-key-path', 'disable-legacy-registry', 'dns', 'dns-opts', 'dns-search'],
  ...[
    'exec-opts',
    'exec-root',
    'experimental',
    'features',
    'firewall-backend',
    'fixed-cidr',
    'fixed-cidr-v6',
  ],
  ...['host-gateway-ip', 'host-gateway-ips', 'icc', 'init', 'init-path', 'ip', 'ip-forward'],
  ...[
    'ip-forward-no-drop',
    'ip-masq',
    'ip6tables',
    'iptables',
    'ipv6',
    'live-restore',
    'log-driver',
    'log-opts',
  ],
  ...['mtu', 'network-control-plane-mtu', 'no-new-privileges', 'node-generic-resources'],
  ...['oom-score-adjust', 'raw-logs', 'rootless', 'runtimes', 'seccomp-profile', 'selinux-enabled'],
  ...['shutdown-timeout', 'storage-driver', 'storage-opts', 'swarm-default-advertise-addr', 'userland-proxy'],
  ...['userland-proxy-path', 'userns-remap'],
]);
