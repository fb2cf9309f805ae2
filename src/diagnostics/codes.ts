/**
 * Every diagnostic code with what it means. The table is the reference: the union type, the documentation
 * (docs/reference/diagnostics.md) and the SARIF rules come from it.
 */
export const DIAGNOSTIC_CODES = {
  // Pipeline files, environment, command line.
  'file-unreadable': 'A file or folder cannot be read.',
  'file-unwritable': 'An output file cannot be written.',
  'json-syntax': 'The text is no valid JSON.',
  'unknown-key': 'A key that nothing reads.',
  'missing-key': 'A key that is required is missing.',
  'invalid-value': 'A value is of the wrong type or out of its range.',
  'unknown-name': 'A processor, driver, handler, format, transport or channel type of that name does not exist.',
  'pipeline-wiring': 'The stages of the pipeline do not fit together.',
  'file-conflict': 'A file would be written that the same run reads, or that another part of it writes.',
  'duplicate-key': 'A key is given twice; the message says which value is used.',
  'deprecated-key': 'A key or variable that is taken for another, or has no effect.',
  // Plugins.
  'plugin-unreadable': 'The module of a plugin cannot be loaded.',
  'invalid-plugin': 'A plugin exports no component of a supported version and shape.',
  'health-check': 'A component found before the start that it cannot work.',
  // Policies.
  'yaml-syntax': 'The text is no valid YAML.',
  'not-yaml': 'The file is read with the original grammar, since it is no valid YAML.',
  'policy-syntax': 'A rule, macro, list, filter or condition is not well-formed.',
  'comment-in-word': 'A `#` inside a word of a condition: the original starts a comment there.',
  'unknown-item': 'An item that is no rule, filter, macro, list or engine version.',
  'unknown-attribute': 'An attribute that does not exist: the term is never true.',
  'attribute-alias': 'An attribute under a name that is taken for another.',
  'undefined-macro': 'A macro that is defined nowhere: the term is never true.',
  'undefined-list': 'A list that is defined nowhere.',
  'recursive-definition': 'A macro or list that refers to itself.',
  'type-mismatch': 'An operator that does not apply to the type of its attribute or value: the term is never true.',
  'duplicate-name': 'A name that is defined more than once.',
  'unused-definition': 'A macro or list that nothing uses.',
  'never-true': 'A rule or term that no record can match.',
  'always-true': 'A rule or term that every record matches.',
  'suspicious-literal': 'A literal that probably means something else.',
  'unsupported-key': 'A key that is accepted and has no effect.',
  'engine-version': 'The file requires another version of the engine.',
  'unknown-priority': 'A priority that does not exist; low is taken.',
  'missing-action': 'An action of that name is not installed.',
  'unsupported-event': 'An event type that SysFlow does not record.',
} as const;

export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES;
