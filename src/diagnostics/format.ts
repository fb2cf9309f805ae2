import type { Diagnostic, SourceText } from './diagnostic.js';

/** A position in a text, counted from 1. Columns count UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Returns the line and column of an offset. */
export function positionAt(text: string, offset: number): Position {
  let line = 1;
  let start = 0;
  for (let i = text.indexOf('\n'); i !== -1 && i < offset; i = text.indexOf('\n', start)) {
    line++;
    start = i + 1;
  }
  return { line, column: offset - start + 1 };
}

export interface FormatOptions {
  /** Whether to use colours. */
  readonly color: boolean;
  /** Whether to add the line of the text, with a caret below the range. */
  readonly excerpt: boolean;
}

const COLORS = { error: '\x1b[31m', warning: '\x1b[33m', note: '\x1b[36m' } as const;
const RESET = '\x1b[0m';

/**
 * Formats a diagnostic as `path:line:column: severity[code]: message`, optionally with the line and a caret. No final
 * newline.
 */
export function formatDiagnostic(diagnostic: Diagnostic, options: FormatOptions): string {
  const { source, range, severity } = diagnostic;
  const label = `${severity}[${diagnostic.code}]`;
  const colored = options.color ? `${COLORS[severity]}${label}${RESET}` : label;
  const hint = diagnostic.hint === undefined ? '' : `; ${diagnostic.hint}`;
  const message = `${colored}: ${printable(diagnostic.message)}${printable(hint)}`;
  if (source === null) return message;
  if (range === null) return `${printable(source.path)}: ${message}`;
  const { line, column } = positionAt(source.text, range.start);
  const head = `${printable(source.path)}:${line}:${column}: ${message}`;
  return options.excerpt ? `${head}\n${excerpt(source, range.start, range.end)}` : head;
}

/** Returns the line of an offset, shortened to fit a terminal, with carets below the range. */
function excerpt(source: SourceText, start: number, end: number): string {
  const lineStart = source.text.lastIndexOf('\n', start - 1) + 1;
  const newline = source.text.indexOf('\n', start);
  const lineEnd = newline === -1 ? source.text.length : newline;
  const from = Math.max(lineStart, start - 60);
  const to = Math.min(lineEnd, from + 120);
  const line = printable(source.text.slice(from, to).replaceAll('\t', ' '));
  const width = Math.max(1, Math.min(end, to) - start);
  return `  ${line}\n  ${' '.repeat(start - from)}${'^'.repeat(width)}`;
}

/**
 * Characters from input that must not be sent to a terminal: controls (C0, DEL, C1), line separators, marks and
 * overrides of the writing direction, and unpaired surrogates, which no encoding can represent.
 */
export const UNSAFE_CHARACTERS: RegExp =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;

/**
 * Escapes a text for use in a single line: {@link UNSAFE_CHARACTERS} become `\\uXXXX`, so that no input can control the
 * terminal, forge a line or change the writing direction. Bytes of a file name that are not UTF-8 are shown as `\\xNN`.
 */
export function printable(text: string): string {
  return text.replace(UNSAFE_CHARACTERS, (c) => {
    const code = c.charCodeAt(0);
    // `sysflow/utf8.ts` represents such bytes by these unpaired surrogates.
    if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code & 0xff).toString(16)}`;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/**
 * Line ends and, with colours, the sequences that the program itself writes: reset, bold, dim and the basic colours.
 */
const KEPT = /(\n)/;
const KEPT_WITH_COLORS = /(\n|\x1b\[(?:[0-2]|(?:1;)?3[1-6])m)/;

/** Like {@link printable} for several lines: keeps line ends and, with `color`, the program's own colours. */
export function printableLines(text: string, color: boolean): string {
  return text
    .split(color ? KEPT_WITH_COLORS : KEPT)
    .map((part, i) => (i % 2 === 1 ? part : printable(part)))
    .join('');
}
