/**
 * Tests that compare attributes with networks, as in Falco's rules: `fd.snet in ("10.0.0.0/8", "127.0.0.1")`.
 *
 * SysFlow records IPv4 addresses only, so IPv6 networks are valid and match nothing.
 */
import { parseAddress, parseNetwork } from '../../../sysflow/ipv4-network.js';
import type { ConditionNode, FieldValue, LiteralValue, Operator, TestNode, Value } from '../../model/policy.js';
import type { ConditionReport } from './report.js';
import { unresolvedTerm } from './unresolved-terms.js';

const COMPARES: ReadonlySet<Operator> = new Set(['=', '!=', 'in']);
const IPV6 = /^[0-9a-f:]*:[0-9a-f:.]*(?:\/\d{1,3})?$/i;

/**
 * Converts a test that compares an attribute with networks; returns null for any other test.
 *
 * @param negated whether it is inside an odd number of `not`
 */
export function networkTest(test: TestNode, negated: boolean, report: ConditionReport): ConditionNode | null {
  const { operator, place } = test;
  const sides = sidesOf(test);
  if (sides === null || operator === 'exists') return null;
  const { field, others } = sides;
  const { name } = field.field;
  const literals = others.filter((value) => value.kind === 'literal');
  if (!COMPARES.has(operator) || literals.length < others.length) {
    const message = `'${name}' is compared with networks and only supports '=', '!=' and 'in'`;
    report.error('type-mismatch', message, place, "'10.0.0.0/8' is a network");
    return unresolvedTerm(message, place, negated);
  }
  for (const literal of literals) {
    const problem = checkNetwork(name, literal, report);
    // In a list, the other items are still used.
    if (problem !== null && others.length === 1) return unresolvedTerm(problem, place, negated);
  }
  const within: TestNode = { kind: 'test', operator: 'within', left: field, right: literals, place };
  return operator === '!=' ? { kind: 'not', item: within, place } : within;
}

/** Returns the network attribute and the values it is compared with, on whichever side they are. */
function sidesOf({ operator, left, right }: TestNode): { field: FieldValue; others: readonly Value[] } | null {
  if (left.kind === 'field' && left.field.networks === true) return { field: left, others: right };
  const [only] = right;
  const turned = only?.kind === 'field' && only.field.networks === true && operator !== 'in';
  return turned ? { field: only, others: [left] } : null;
}

/** Reports an invalid network and returns the message; null if the network is valid. */
function checkNetwork(name: string, { text, place }: LiteralValue, report: ConditionReport): string | null {
  if (parseNetwork(text) !== null) return null;
  if (IPV6.test(text)) {
    report.warning('never-true', `${IPV4_ONLY}; '${text}' matches nothing`, place);
    return null;
  }
  const message = `'${name}' is compared with networks, but '${text}' is not a network`;
  report.error('type-mismatch', message, place, outOfRange(text) ?? NETWORK_FORMS);
  return message;
}

const IPV4_ONLY = 'SysFlow records IPv4 addresses only';
const NETWORK_FORMS = "networks are written '10.0.0.0/8', or '10.1.2.3' for one address";

/** Why a text cannot be an address that SysFlow records; null if it can. */
export function addressProblem(text: string): string | null {
  if (parseAddress(text) !== null && !/(?:^|\.)0\d/.test(text)) return null;
  if (IPV6.test(text)) return IPV4_ONLY;
  return outOfRange(text) ?? "SysFlow records addresses as four decimal numbers, such as '10.1.2.3', not host names";
}

/** Returns the part that is out of range in a text with the form of an IPv4 address or network. */
function outOfRange(text: string): string | null {
  const match = /^(\d+(?:\.\d+){3})(?:\/(\d+))?$/.exec(text);
  if (match === null) return null;
  const wrong = match[1]!.split('.').find((part) => Number(part) > 255);
  if (wrong !== undefined) return `the numbers of an address must be 0 to 255, not '${wrong}'`;
  return Number(match[2] ?? 0) > 32 ? `a network has 0 to 32 bits, not ${match[2]}` : null;
}
