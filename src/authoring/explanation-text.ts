/** An explanation as an indented tree for people. */
import { positionAt } from '../diagnostics/format.js';
import { terminalText } from '../exporter/encoders/terminal-text.js';
import type { Explanation } from '../policy/engine/explain.js';
import type { Place } from '../policy/model/policy.js';

export interface ExplanationTextOptions {
  /** With ANSI colours. */
  readonly color: boolean;
  /** With all terms; otherwise the alternatives that do not hold beside one that does are only counted. */
  readonly all: boolean;
}

const STYLES = { held: '32', failed: '31', dim: '2', macro: '1' } as const;

/** Wraps text in an ANSI style, or leaves it. */
export type Paint = (style: keyof typeof STYLES, text: string) => string;

export function painter(color: boolean): Paint {
  return color ? (style, text) => `\x1b[${STYLES[style]}m${text}\x1b[0m` : (_style, text) => text;
}

/** `path:line:column`, fit for a terminal. */
export function placeText({ source, range }: Place): string {
  const { line, column } = positionAt(source.text, range.start);
  return `${terminalText(source.path)}:${line}:${column}`;
}

/** The tree, a line a term with a line end; `indent` blanks stand before the outermost. */
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

/** The term in words; what a macro stands for is said beside its name. */
function labelOf(term: Explanation, paint: Paint): string {
  const text = terminalText(term.text);
  if (term.kind === 'macro') {
    const body = term.terms[0];
    return `${paint('macro', text)}${body !== undefined && isGroup(body) ? `: ${body.kind}` : ''}`;
  }
  return term.terms.length > 0 ? text : `${text}  ${paint('dim', placeText(term.place))}`;
}

/** Whose terms stand below a term: those of a macro's group are shown as its own. */
function innerTerms(term: Explanation): Explanation {
  const body = term.terms[0];
  return term.kind === 'macro' && body !== undefined && isGroup(body) ? body : term;
}

function isGroup({ kind }: Explanation): boolean {
  return kind === 'and' || kind === 'or' || kind === 'not';
}

/** The terms that made the outcome: where one alternative is enough, those that are as the whole. */
function decisiveTerms({ kind, held, terms }: Explanation): readonly Explanation[] {
  return kind === 'or' && held ? terms.filter((term) => term.held) : terms;
}
