import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { formatDiagnostic } from '../diagnostics/format.js';

/** Thrown if a pipeline cannot be created. It has all diagnostics, also in one message. */
export class ConfigurationError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  /** @param diagnostics all that were found, including warnings */
  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((item) => formatDiagnostic(item, { color: false, excerpt: false })).join('\n'));
    this.name = 'ConfigurationError';
    this.diagnostics = diagnostics;
  }
}
