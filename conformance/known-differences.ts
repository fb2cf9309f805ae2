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

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [];
