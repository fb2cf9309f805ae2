/**
 * Diagnostics: what is wrong in a text that a user wrote (pipeline, policy, Sigma rule, flag, environment variable).
 *
 * Checks collect them and go on; nothing is thrown. Offsets stand inside, line and column are worked out when printed.
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
  /** Where; null for what belongs to no text. */
  readonly source: SourceText | null;
  /** Where in the text; null for the text as a whole. */
  readonly range: SourceRange | null;
  /** What to do: a nearest name, an alternative. */
  readonly hint?: string;
}

/** How many diagnostics there are of each severity. */
export function countBySeverity(diagnostics: readonly Diagnostic[]): Record<Severity, number> {
  const counts = { error: 0, warning: 0, note: 0 };
  for (const { severity } of diagnostics) counts[severity]++;
  return counts;
}

/** A bag into which checks put what they find. */
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
