/** Formats an explanation as an indented tree. */
import { positionAt } from '../diagnostics/format.js';
import { terminalText } from '../exporter/encoders/terminal-text.js';
import type { Explanation } from '../policy/engine/explain.js';
import type { Place } from '../policy/model/policy.js';

export interface ExplanationTextOptions {
  /** Whether to use ANSI colors. */
  readonly color: boolean;
  /** Whether to show all terms; otherwise, false alternatives beside a true one are only counted. */
  readonly all: boolean;
}

const STYLES = { held: '32', failed: '31', dim: '2', macro: '1' } as const;

/** Applies an ANSI style to text, or returns it unchanged. */
export type Paint = (style: keyof typeof STYLES, text: string) => string;

export function painter(color: boolean): Paint {
  return color ? (style, text) => `\x1b[${STYLES[style]}m${text}\x1b[0m` : (_style, text) => text;
}

/** Formats `path:line:column`, escaped for a terminal. */
export function placeText({ source, range }: Place): string {
  const { line, column } = positionAt(source.text, range.start);
  return `${terminalText(source.path)}:${line}:${column}`;
}

/** Formats the tree with one line per term, indented by at least `indent` spaces. */
export function explanationText(explanation: Explanation, options: ExplanationTextOptions, indent = 0): string {
  const lines: string[] = [];
  addLines(explanation, indent, options, painter(options.color), lines);
  return lines.map((line) => `${line}\n`).join('');
}

function addLines(
  term: Explanation,
  indent: number,
  options: ExplanationTextOptions,
  paint: Paint,
  lines: string[],
): void {
  const mark = term.held ? paint('held', '✓') : paint('failed', '✗');
  lines.push(`${' '.repeat(indent)}${mark} ${labelOf(term, paint)}`);
  const inner = innerTerms(term);
  const shown = options.all ? inner.terms : decisiveTerms(inner);
  for (const term of shown) addLines(term, indent + 2, options, paint, lines);
  const hidden = inner.terms.length - shown.length;
  if (hidden > 0) lines.push(`${' '.repeat(indent + 2)}${paint('dim', `… ${hidden} more`)}`);
}

/** Describes a term; adds the expansion of a macro to its name. */
function labelOf(term: Explanation, paint: Paint): string {
  const text = terminalText(term.text);
  if (term.kind === 'macro') {
    const body = term.terms[0];
    return `${paint('macro', text)}${body !== undefined && isGroup(body) ? `: ${body.kind}` : ''}`;
  }
  return term.terms.length > 0 ? text : `${text}  ${paint('dim', placeText(term.place))}`;
}

/** Returns the term whose subterms are shown: for a macro, those of its group. */
function innerTerms(term: Explanation): Explanation {
  const body = term.terms[0];
  return term.kind === 'macro' && body !== undefined && isGroup(body) ? body : term;
}

function isGroup({ kind }: Explanation): boolean {
  return kind === 'and' || kind === 'or' || kind === 'not';
}

/** Returns the terms that determined the outcome: of alternatives, those with the same outcome as the whole. */
function decisiveTerms({ kind, held, terms }: Explanation): readonly Explanation[] {
  return kind === 'or' && held ? terms.filter((term) => term.held) : terms;
}
