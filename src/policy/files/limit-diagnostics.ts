/**
 * Sorts diagnostics and limits their number and length, which a hostile file could otherwise make arbitrarily large.
 */
import type { Diagnostic, SourceText } from '../../diagnostics/diagnostic.js';
import { counted } from '../../telemetry/counted.js';

const MAX_PER_FILE = 1000;
const MAX_MESSAGE = 500;

/**
 * Sorts diagnostics by file in load order and by position, those without a file first, and limits their number per
 * file.
 */
export function limitDiagnostics(diagnostics: readonly Diagnostic[], sources: readonly SourceText[]): Diagnostic[] {
  const numbers = new Map(sources.map((source, i) => [source, i]));
  const byFile = new Map<number, Diagnostic[]>();
  for (const diagnostic of diagnostics) {
    const { source } = diagnostic;
    const file = source === null ? -1 : (numbers.get(source) ?? -1);
    const known = byFile.get(file);
    if (known === undefined) byFile.set(file, [diagnostic]);
    else known.push(diagnostic);
  }
  const files = [...byFile].sort(([a], [b]) => a - b);
  return files.flatMap(([, ofFile]) => capped(ofFile.sort(byPlace))).map(shortened);
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  return (a.range?.start ?? -1) - (b.range?.start ?? -1);
}

/** Keeps the first diagnostics and summarizes the others in one, with the severity of the worst of them. */
function capped(diagnostics: Diagnostic[]): Diagnostic[] {
  if (diagnostics.length <= MAX_PER_FILE) return diagnostics;
  const rest = diagnostics.slice(MAX_PER_FILE);
  const worst = rest.find(({ severity }) => severity === 'error') ?? rest[0]!;
  const message = `and ${counted(rest.length, 'more problem')} in this file, the most severe one: ${worst.message}`;
  return [...diagnostics.slice(0, MAX_PER_FILE), { ...worst, message }];
}

function shortened(diagnostic: Diagnostic): Diagnostic {
  const { message, hint } = diagnostic;
  if (message.length <= MAX_MESSAGE && (hint?.length ?? 0) <= MAX_MESSAGE) return diagnostic;
  return { ...diagnostic, message: cut(message), ...(hint === undefined ? {} : { hint: cut(hint) }) };
}

function cut(text: string): string {
  return text.length <= MAX_MESSAGE ? text : `${text.slice(0, MAX_MESSAGE)}…`;
}
