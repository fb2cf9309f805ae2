import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { formatDiagnostic } from '../diagnostics/format.js';

/** Thrown where a pipeline cannot be created: everything that is wrong with it, in one message and one by one. */
export class ConfigurationError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  /** @param diagnostics what was found, warnings included */
  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((item) => formatDiagnostic(item, { color: false, excerpt: false })).join('\n'));
    this.name = 'ConfigurationError';
    this.diagnostics = diagnostics;
  }
}
