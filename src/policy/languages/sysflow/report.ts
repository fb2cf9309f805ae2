import type { DiagnosticCode } from '../../../diagnostics/codes.js';
import type { Diagnostic, Diagnostics, Severity } from '../../../diagnostics/diagnostic.js';
import type { Place } from '../../model/policy.js';
import type { Suggester } from './suggester.js';

/**
 * Codes that describe the same problem of a literal with more or less precision. Only the first one found is reported.
 */
const LITERAL_CODES: ReadonlySet<DiagnosticCode> = new Set(['suspicious-literal', 'never-true', 'unsupported-event']);

/**
 * Reports problems in conditions, once for each position: a macro or list is resolved again for every file that uses
 * it, but its problems should be reported only once.
 */
export class ConditionReport {
  readonly suggester: Suggester;
  readonly #diagnostics: Diagnostics;
  readonly #seen = new Set<string>();
  #leniently = 0;

  constructor(diagnostics: Diagnostics, suggester: Suggester) {
    this.#diagnostics = diagnostics;
    this.suggester = suggester;
  }

  error(code: DiagnosticCode, message: string, place: Place, hint?: string): void {
    const lenient = this.#leniently > 0 && code === 'unknown-attribute';
    this.#add(code, lenient ? 'warning' : 'error', message, place, hint);
  }

  warning(code: DiagnosticCode, message: string, place: Place, hint?: string): void {
    this.#add(code, 'warning', message, place, hint);
  }

  note(code: DiagnosticCode, message: string, place: Place, hint?: string): void {
    this.#add(code, 'note', message, place, hint);
  }

  /** Runs a function. While it runs, unknown attributes are warnings (`skip-if-unknown-filter`). */
  leniently<T>(run: () => T): T {
    this.#leniently++;
    try {
      return run();
    } finally {
      this.#leniently--;
    }
  }

  #add(code: DiagnosticCode, severity: Severity, message: string, place: Place, hint: string | undefined): void {
    const key = `${LITERAL_CODES.has(code) ? 'literal' : code}:${place.range.start}:${place.source.path}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const { source, range } = place;
    const diagnostic: Diagnostic = { code, severity, message, source, range, ...(hint === undefined ? {} : { hint }) };
    this.#diagnostics.add(diagnostic);
  }
}
