/** Compares expected alerts with raised ones. */
import type { Expectation, ExpectedAlert, ExpectedValue, RaisedAlert, RaisedAlerts } from './model.js';

/** A rule whose alerts differ from the expectation. */
export interface Difference {
  readonly rule: string;
  /** The difference as a sentence without the rule. */
  readonly message: string;
  /** Whether alerts are missing, so that a nearest miss may explain why. */
  readonly lacks: boolean;
  /** The unexpected alerts, or the alert nearest to the expected one. */
  readonly alerts: readonly RaisedAlert[];
}

/** Returns the differences: in the order of the expectations, then rules without an expectation. */
export function compare(expectations: readonly Expectation[], alerts: RaisedAlerts): Difference[] {
  const named = new Set(expectations.map(({ rule }) => rule));
  const unexpected = [...alerts].filter(([rule]) => !named.has(rule));
  return [
    ...expectations.flatMap((expectation) => compareRule(expectation, alerts.get(expectation.rule) ?? [])),
    ...unexpected.map(([rule, raised]) => countDifference(rule, raised, 0)),
  ];
}

function compareRule({ rule, count, alerts }: Expectation, raised: readonly RaisedAlert[]): Difference[] {
  const differences: Difference[] = [];
  if (count !== null && count !== raised.length) differences.push(countDifference(rule, raised, count));
  const { lacking, left } = match(alerts, raised);
  for (const expected of lacking) differences.push(alertDifference(rule, expected, left));
  return differences;
}

function countDifference(rule: string, raised: readonly RaisedAlert[], count: number): Difference {
  const fired = raised.length === 0 ? 'did not fire' : `fired ${times(raised.length)}`;
  const message = `${fired}, expected ${count === 0 ? 'not to' : times(count)}`;
  return { rule, message, lacks: raised.length < count, alerts: raised.length > count ? raised : [] };
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function alertDifference(rule: string, expected: ExpectedAlert, left: readonly RaisedAlert[]): Difference {
  const nearest = left.reduce<RaisedAlert | null>(
    (best, alert) => (best === null || unequal(expected, alert).length < unequal(expected, best).length ? alert : best),
    null,
  );
  if (nearest === null) {
    const wanted = expected.values.map(({ attribute, value }) => `${attribute} ${quote(value)}`).join(', ');
    return { rule, message: `no alert with ${wanted}`, lacks: true, alerts: [] };
  }
  const message = unequal(expected, nearest)
    .map(
      ({ attribute, value }) =>
        `${attribute} is ${quote(nearest.values.get(attribute) ?? [])}, expected ${quote(value)}`,
    )
    .join('; ');
  return { rule, message, lacks: false, alerts: [nearest] };
}

function quote(value: string | readonly string[]): string {
  return typeof value === 'string' ? `'${value}'` : value.map((item) => `'${item}'`).join(', ');
}

/** Returns the expected values that an alert does not have. */
function unequal({ values }: ExpectedAlert, alert: RaisedAlert): ExpectedValue[] {
  return values.filter(({ attribute, value }) => {
    const actual = alert.values.get(attribute) ?? [];
    if (typeof value === 'string') return !actual.includes(value);
    return actual.length !== value.length || actual.some((text, i) => text !== value[i]);
  });
}

/**
 * Assigns a different raised alert to each expected one if possible (maximum matching by augmenting paths).
 *
 * @returns the assigned raised alerts, the expected alerts without a raised one, and the remaining raised alerts
 */
export function match(
  expected: readonly ExpectedAlert[],
  raised: readonly RaisedAlert[],
): { readonly matched: RaisedAlert[]; readonly lacking: ExpectedAlert[]; readonly left: RaisedAlert[] } {
  const owners = new Map<RaisedAlert, ExpectedAlert>();
  const assign = (wanted: ExpectedAlert, tried: Set<RaisedAlert>): boolean => {
    for (const alert of raised) {
      if (tried.has(alert) || unequal(wanted, alert).length > 0) continue;
      tried.add(alert);
      const owner = owners.get(alert);
      if (owner !== undefined && !assign(owner, tried)) continue;
      owners.set(alert, wanted);
      return true;
    }
    return false;
  };
  const lacking = expected.filter((wanted) => !assign(wanted, new Set()));
  const isOwned = (alert: RaisedAlert): boolean => owners.has(alert);
  return { matched: raised.filter(isOwned), lacking, left: raised.filter((alert) => !isOwned(alert)) };
}
