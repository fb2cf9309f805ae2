/** Reports valid literals that are probably mistakes: patterns, `~`, and process names truncated as in Falco. */
import type { LiteralValue, Operator, TestNode } from '../../model/policy.js';
import type { ConditionReport } from './report.js';
import { isWholeName, wholeNamesOf } from './truncated-names.js';

/** Attributes whose values are paths or names, in which a literal `*` or `~` is unlikely. */
const NAMES_AND_PATHS: ReadonlySet<string> = new Set([
  ...['path', 'name', 'directory', 'newpath', 'newname', 'newdirectory'].map((part) => `sf.file.${part}`),
  ...['name', 'exe', 'aname', 'aexe', 'cwd'].map((part) => `sf.proc.${part}`),
  ...['name', 'exe'].map((part) => `sf.pproc.${part}`),
  ...['proc.aname', 'proc.aexe', 'sf.res', 'sf.container.name', 'sf.container.image', 'container.image.repository'],
]);
/** The process names among them. Falco gets process names from the kernel, truncated to 15 characters. */
const PROCESS_NAMES: ReadonlySet<string> = new Set(['sf.proc.name', 'sf.pproc.name', 'sf.proc.aname', 'proc.aname']);
const EQUALITY: ReadonlySet<Operator> = new Set(['=', '!=', 'in']);
const KERNEL_NAME_LENGTH = 15;

/** Warns about suspicious literals in a test. */
export function reportSuspiciousLiterals({ operator, left, right }: TestNode, report: ConditionReport): void {
  const field = left.kind === 'field' ? left : right[0];
  if (field?.kind !== 'field' || field.path !== null) return;
  const { name } = field.field;
  if (!NAMES_AND_PATHS.has(name)) return;
  const literals = (left.kind === 'field' ? right : [left]).filter((value) => value.kind === 'literal');
  for (const literal of literals) reportPattern(operator, literal, report);
  if (EQUALITY.has(operator) && PROCESS_NAMES.has(name)) reportTruncatedNames(literals, report);
}

/** Warns about patterns that a shell would expand. */
function reportPattern(operator: Operator, literal: LiteralValue, report: ConditionReport): void {
  const { text, place } = literal;
  const home = /^(?:~[\w-]*|\$HOME|\$\{HOME\})(?=\/)/.exec(text)?.[0];
  if (home !== undefined) {
    const rest = text.slice(home.length).replace(/\*+$/, '');
    const hint = `write the whole path${rest === '/' ? '' : `, or 'contains ${rest}'`}`;
    const message = `'${home}' is not expanded to a home folder: SysFlow records whole paths`;
    report.warning('suspicious-literal', message, place, hint);
  } else if (text.includes('*')) {
    const message = `'*' is an ordinary character: '${operator}' does not support patterns`;
    report.warning('suspicious-literal', message, place, adviceForPattern(text));
  }
}

function adviceForPattern(text: string): string {
  const inner = /^(\**)([^*]+)(\**)$/.exec(text);
  if (inner === null) return "compare the parts around it with 'startswith', 'contains' and 'endswith'";
  const [, before, part, after] = inner;
  const operator = before === '' ? 'startswith' : after === '' ? 'endswith' : 'contains';
  return `write '${operator} ${part}'`;
}

const WHY_TRUNCATED = `Falco truncates process names to ${KERNEL_NAME_LENGTH} characters, but SysFlow records whole names`;
/** Maximum number of names in a note. */
const MAX_LISTED = 4;

/** Warns about truncated names from Falco's rules, unless the whole name is also in the list. */
function reportTruncatedNames(literals: readonly LiteralValue[], report: ConditionReport): void {
  const others: LiteralValue[] = [];
  const startsOfLonger = new Set(
    literals
      .filter(({ text }) => text.length > KERNEL_NAME_LENGTH)
      .map(({ text }) => text.slice(0, KERNEL_NAME_LENGTH)),
  );
  for (const literal of literals) {
    const { text, place } = literal;
    if (text.length !== KERNEL_NAME_LENGTH || !/^[\w.+-]+$/.test(text) || isWholeName(text)) continue;
    if (startsOfLonger.has(text)) continue;
    const whole = wholeNamesOf(text).map((name) => `'${name}'`);
    if (whole.length === 0) others.push(literal);
    else
      report.warning(
        'suspicious-literal',
        `'${text}' is probably truncated: ${WHY_TRUNCATED}`,
        place,
        `write ${whole.join(', ')}`,
      );
  }
  const [first] = others;
  if (first === undefined) return;
  const names = others.slice(0, MAX_LISTED).map(({ text }) => `'${text}'`);
  const more = others.length - names.length;
  const subject = more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
  report.note('suspicious-literal', `${subject} may be truncated: ${WHY_TRUNCATED}`, first.place);
}
