/** Converts diagnostics to data for other programs: plain JSON, and SARIF 2.1.0 (OASIS). */
import { DIAGNOSTIC_CODES, type DiagnosticCode } from './codes.js';
import type { Diagnostic, Severity, SourceText } from './diagnostic.js';
import { PositionFinder } from './positions.js';

/** A diagnostic with its position. Lines and columns count from 1; the end is exclusive. */
export interface DiagnosticRecord {
  readonly path: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly endLine: number | null;
  readonly endColumn: number | null;
  readonly severity: Severity;
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint: string | null;
}

/** Converts diagnostics to plain data. */
export function toRecords(diagnostics: readonly Diagnostic[]): DiagnosticRecord[] {
  const finders = new Map<SourceText, PositionFinder>();
  return diagnostics.map(({ source, range, severity, code, message, hint }) => {
    const place = source === null || range === null ? null : finderOf(source, finders).range(range);
    return {
      path: source?.path ?? null,
      line: place?.start.line ?? null,
      column: place?.start.column ?? null,
      endLine: place?.end.line ?? null,
      endColumn: place?.end.column ?? null,
      severity,
      code,
      message,
      hint: hint ?? null,
    };
  });
}

function finderOf(source: SourceText, finders: Map<SourceText, PositionFinder>): PositionFinder {
  let finder = finders.get(source);
  if (finder === undefined) {
    finder = new PositionFinder(source.text);
    finders.set(source, finder);
  }
  return finder;
}

/** Converts diagnostics to a SARIF log of one run of a tool. */
export function toSarif(diagnostics: readonly Diagnostic[], tool: { name: string; version: string }): object {
  const records = toRecords(diagnostics);
  const codes = [...new Set(records.map(({ code }) => code))].sort();
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            ...tool,
            rules: codes.map((id) => ({ id, shortDescription: { text: DIAGNOSTIC_CODES[id] } })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: records.map((record) => sarifResult(record, codes.indexOf(record.code))),
      },
    ],
  };
}

function sarifResult(record: DiagnosticRecord, ruleIndex: number): object {
  const { path, line, column, endLine, endColumn, severity, code, message, hint } = record;
  const region = line === null ? {} : { region: { startLine: line, startColumn: column, endLine, endColumn } };
  const location = { physicalLocation: { artifactLocation: { uri: uriOf(path ?? '') }, ...region } };
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: hint === null ? message : `${message}; ${hint}` },
    ...(path === null ? {} : { locations: [location] }),
  };
}

/** Converts a path to a URI reference. Absolute paths become `file:` URIs. */
function uriOf(path: string): string {
  const encoded = path.split(/[/\\]/).map(encodeURIComponent).join('/');
  return path.startsWith('/') ? `file://${encoded}` : encoded;
}
