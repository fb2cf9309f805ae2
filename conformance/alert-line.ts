/** A parsed line of output: the record, and the rules that the policy engine attached. */
export interface AlertLine {
  /** The line without the attached rules. */
  readonly record: string;
  /** The rules that matched, in the order of the line. */
  readonly rules: readonly AttachedRule[];
}

/** A rule in a line. */
export interface AttachedRule {
  readonly name: string;
  /** Everything that the line contains about the rule. */
  readonly text: string;
}

/** Formats of output lines. */
export type LineFormat = 'jsonl' | 'ecsl' | 'tsv';

/** Parses a line. */
export function parseAlertLine(line: string, format: LineFormat): AlertLine {
  if (format === 'tsv') return parseMatches(line);
  return format === 'ecsl' ? parseEcs(line) : parseJson(line);
}

function parseJson(line: string): AlertLine {
  const attached = /,(?:"policies":(\[\{"id":.*?\}\]),)?"tags":\[[^\]]*\]\}$|,"policies":(\[\{"id":.*\}\])\}$/s.exec(
    line,
  );
  if (attached === null) return { record: line, rules: [] };
  const policies = JSON.parse(attached[1] ?? attached[2] ?? '[]') as { id: string }[];
  return {
    record: `${line.slice(0, attached.index)}}`,
    rules: policies.map((policy) => ({ name: policy.id, text: JSON.stringify(policy) })),
  };
}

/** ECS contains only the names of rules, and one severity for all. */
function parseEcs(line: string): AlertLine {
  const reason = /"reason":("(?:[^"\\]|\\.)*"),"severity":(-?\d+),/.exec(line);
  if (reason === null) return { record: line, rules: [] };
  const names = (JSON.parse(reason[1]!) as string).split(', ');
  return {
    record: line.replace(reason[0], '').replace(/,"tags":\[[^\]]*\]\}$/, '}'),
    rules: names.map((name) => ({ name, text: name })),
  };
}

/** `type ts endts proc.oid file.path rule|rule|…`, tab separated. */
function parseMatches(line: string): AlertLine {
  const tab = line.lastIndexOf('\t');
  const names = line.slice(tab + 1).split('|');
  return { record: line.slice(0, tab), rules: names.map((name) => ({ name, text: name })) };
}

/**
 * Converts a line of JSON output into a line of matches, the form of recorded answers that contain only matches.
 *
 * @returns null for a record without a match
 */
export function matchesOf(line: string): string | null {
  const { record, rules } = parseJson(line);
  if (rules.length === 0) return null;
  const names = rules.map((rule) => rule.name).sort();
  return `${recordColumns(record)}\t${names.join('|')}`;
}

/** Returns the columns of a record in a line of matches, from its line of JSON output: `type ts endts proc.oid file.path`. */
export function recordColumns(record: string): string {
  // Avoids parsing, since numbers have 64 bits and strings must stay escaped.
  const value = (pattern: RegExp): string => pattern.exec(record)?.[1] ?? '';
  const path = JSON.parse(`"${value(/"file":\{.*?"path":"((?:[^"\\]|\\.)*)"/s)}"`) as string;
  const columns = [
    value(/"type":"(..)"/),
    value(/"ts":(-?\d+)/),
    value(/"endts":(-?\d+)/),
    value(/"proc":\{.*?"oid":"([^"]*)"/s),
    path,
  ];
  return columns.join('\t');
}
