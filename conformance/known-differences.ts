/**
 * Alerts that differ from the recorded ones on purpose: the original's evaluation is wrong there.
 *
 * `npm run conformance` accepts these and no others, and fails on one that no longer occurs on a trace named here.
 */
export interface KnownDifference {
  /** Policy file or folder below `policies/`. */
  readonly policy: string;
  readonly rule: string;
  /** `lost`: only the original found it; `gained`: only we do; `changed`: found by both, told differently. */
  readonly kind: 'lost' | 'gained' | 'changed';
  /** The defect of the original, as numbered in docs/compatibility.md. */
  readonly defect: `B${number}`;
  /** What is wrong there and right here. */
  readonly why: string;
  /** Traces on which it occurs. */
  readonly traces: readonly string[];
}

/** A trace of a Kubernetes cluster and one of a host, on which network flows and file flows with the same operations meet. */
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

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  cachedNames('distribution/filter.yaml', 'File Modified', 'gained', K8S),
  cachedNames('probes/probes-a.yaml', 'probe 012', 'gained', HOST, K8S),
  cachedNames('probes/probes-a.yaml', 'probe 012', 'lost', K8S),
  cachedNames('probes/probes-a.yaml', 'probe 154', 'gained', K8S),
  cachedNames('probes/probes-a.yaml', 'probe 154', 'lost', K8S),
  cachedNames('probes/probes-b.yaml', 'probe 022', 'gained', K8S),
  cachedNames('probes/probes-b.yaml', 'probe 022', 'lost', HOST, K8S),
  cachedNames('probes/probes-b.yaml', 'probe 056', 'gained', HOST, K8S),
  cachedNames('probes/probes-b.yaml', 'probe 056', 'lost', K8S),
  cachedNames('probes/probes-b.yaml', 'probe 085', 'gained', K8S),
  cachedNames('probes/probes-b.yaml', 'probe 085', 'lost', K8S),
  cachedNames('probes/probes-b.yaml', 'probe 086', 'lost', K8S),
];
