/**
 * Diagnostics: problems in a text that a user wrote (pipeline, policy, Sigma rule, flag, environment variable).
 *
 * Checks collect them and continue; nothing is thrown. Diagnostics contain offsets; lines and columns are computed when
 * they are printed.
 */
import type { DiagnosticCode } from './codes.js';

export type Severity = 'error' | 'warning' | 'note';

/** A text with its origin. */
export interface SourceText {
  /** Path as the user gave it, or a name such as `environment` or `command line`. */
  readonly path: string;
  readonly text: string;
}

/** A half-open range of UTF-16 offsets in a source text. */
export interface SourceRange {
  readonly start: number;
  readonly end: number;
}

export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** One sentence, no final period, values quoted with single quotes. */
  readonly message: string;
  /** The text; null if the problem does not belong to a text. */
  readonly source: SourceText | null;
  /** The range in the text; null for the whole text. */
  readonly range: SourceRange | null;
  /** How to fix it: a similar name, an alternative. */
  readonly hint?: string;
}

/** Counts the diagnostics of each severity. */
export function countBySeverity(diagnostics: readonly Diagnostic[]): Record<Severity, number> {
  const counts = { error: 0, warning: 0, note: 0 };
  for (const { severity } of diagnostics) counts[severity]++;
  return counts;
}

/** Collects the diagnostics of several checks. */
export class Diagnostics {
  readonly items: Diagnostic[] = [];

  add(diagnostic: Diagnostic): void {
    this.items.push(diagnostic);
  }

  error(
    code: DiagnosticCode,
    message: string,
    source: SourceText | null,
    range: SourceRange | null,
    hint?: string,
  ): void {
    this.add({ code, severity: 'error', message, source, range, ...(hint === undefined ? {} : { hint }) });
  }

  warning(
    code: DiagnosticCode,
    message: string,
    source: SourceText | null,
    range: SourceRange | null,
    hint?: string,
  ): void {
    this.add({ code, severity: 'warning', message, source, range, ...(hint === undefined ? {} : { hint }) });
  }

  note(
    code: DiagnosticCode,
    message: string,
    source: SourceText | null,
    range: SourceRange | null,
    hint?: string,
  ): void {
    this.add({ code, severity: 'note', message, source, range, ...(hint === undefined ? {} : { hint }) });
  }

  get hasErrors(): boolean {
    return this.items.some((item) => item.severity === 'error');
  }
}
