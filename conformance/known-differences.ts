/**
 * Intended differences from recorded alerts: the original evaluates these rules wrongly.
 *
 * `npm run conformance` accepts only these differences, and fails if one no longer occurs on a trace named here.
 */
export interface KnownDifference {
  /** Policy file or folder below `policies/`. */
  readonly policy: string;
  readonly rule: string;
  /** `lost`: only in the original; `gained`: only in this program; `changed`: in both, with different details. */
  readonly kind: 'lost' | 'gained' | 'changed';
  /** The defect of the original, as numbered in docs/compatibility.md. */
  readonly defect: `B${number}`;
  /** What the original does wrong. */
  readonly why: string;
  /** Traces on which it occurs. */
  readonly traces: readonly string[];
}

/** A trace of a Kubernetes cluster and one of a host, both with network flows and file flows of the same operation bits. */
const K8S = 'k8s_small.sf';
const HOST = '1621959914';

const CACHED_NAMES =
  'the original names operations by their bits alone, so a network flow READs and WRITEs after a file flow that did, and a ' +
  'file flow RECVs and SENDs after a network flow';

const cachedNames = (
  policy: string,
  rule: string,
  kind: KnownDifference['kind'],
  ...traces: string[]
): KnownDifference => ({
  policy,
  rule,
  kind,
  defect: 'B12',
  why: CACHED_NAMES,
  traces,
});

const onHost = (policy: string, rule: string, kind: KnownDifference['kind'], ...traces: string[]): KnownDifference => ({
  policy,
  rule,
  kind,
  defect: 'B9',
  why: "in the original a process outside of containers has the container type DOCKER, so 'sf.container.type != host' holds for it",
  traces,
});

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  cachedNames('distribution/filter.yaml', 'File Modified', 'gained', K8S),
  onHost('runtimeintegrity/ttps.yaml', 'Unauthorized installer detected', 'lost', HOST),
  onHost('runtimeintegrity', 'Interactive login detected', 'lost', HOST, 'tcp.sf'),
  onHost('runtimeintegrity', 'Interactive login to host system detected', 'gained', HOST, 'tcp.sf'),
  {
    policy: 'tests/unit_test_fileflow.yaml',
    rule: 'File Flows Open Write Access',
    kind: 'gained',
    defect: 'B1',
    why: "the original does not know 'sf.is_open_write' and takes it for a text; we take it for 'sf.file.is_open_write'",
    traces: ['mon.1531776682.sf', 'mon.1531776712.sf', 'mon.1531776742.sf'],
  },
];
