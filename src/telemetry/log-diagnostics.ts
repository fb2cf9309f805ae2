import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { formatDiagnostic } from '../diagnostics/format.js';
import type { Logger } from './logger.js';

/** Writes diagnostics to the log, one line each. */
export function logDiagnostics(items: readonly Diagnostic[], logger: Pick<Logger, 'log'>): void {
  for (const item of items) {
    const level = item.severity === 'error' ? 'error' : item.severity === 'warning' ? 'warn' : 'info';
    logger.log(level, formatDiagnostic(item, { color: false, excerpt: false }));
  }
}
