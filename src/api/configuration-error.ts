import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { formatDiagnostic } from '../diagnostics/format.js';

/** Thrown if a pipeline cannot be created. Its message lists all problems; `diagnostics` has them one by one. */
export class ConfigurationError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  /** @param diagnostics all problems, including warnings */
  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((item) => formatDiagnostic(item, { color: false, excerpt: false })).join('\n'));
    this.name = 'ConfigurationError';
    this.diagnostics = diagnostics;
  }
}
