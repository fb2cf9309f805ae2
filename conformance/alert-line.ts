/** A line of output taken apart: the record, and what the policy engine attached to it. */
export interface AlertLine {
  /** The line without what was attached. */
  readonly record: string;
  /** The rules that matched, in the order of the line. */
  readonly rules: readonly AttachedRule[];
}

/** A rule on a line. */
export interface AttachedRule {
  readonly name: string;
  /** All that the line tells of it. */
  readonly text: string;
}

/** How the lines of an output are laid out. */
export type LineFormat = 'jsonl' | 'ecsl' | 'tsv';

/** Takes a line apart. */
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

/** ECS lists the names only, and one severity for all. */
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
 * A line of JSON output as a line of matches, the form of the recorded answers that tell matches only.
 *
 * @returns null for a record that no rule matched
 */
export function matchesOf(line: string): string | null {
  const { record, rules } = parseJson(line);
  if (rules.length === 0) return null;
  const names = rules.map((rule) => rule.name).sort();
  return `${recordColumns(record)}\t${names.join('|')}`;
}

/** What a line of matches tells of a record, from its line of JSON output: `type ts endts proc.oid file.path`. */
export function recordColumns(record: string): string {
  // Without parsing: numbers have 64 bits, and texts stay as escaped.
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
