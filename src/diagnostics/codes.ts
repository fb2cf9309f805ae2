/**
 * All diagnostic codes with their meaning. The union type, the documentation (docs/reference/diagnostics.md) and the
 * SARIF rules are derived from this table.
 */
export const DIAGNOSTIC_CODES = {
  // Pipeline files, environment, command line.
  'file-unreadable': 'A file or folder cannot be read.',
  'file-unwritable': 'An output file cannot be written.',
  'json-syntax': 'The text is not valid JSON.',
  'unknown-key': 'An unknown key.',
  'missing-key': 'A required key is missing.',
  'invalid-value': 'A value has the wrong type or is out of range.',
  'unknown-name': 'An unknown processor, driver, handler, format, transport or channel type.',
  'pipeline-wiring': 'The stages of the pipeline cannot be connected.',
  'file-conflict': 'An output file is also an input, or an output of another part, of the same run.',
  'duplicate-key': 'A duplicate key; the message says which value is used.',
  'deprecated-key': 'A key or variable that is interpreted as another one, or has no effect.',
  // Plugins.
  'plugin-unreadable': 'The module of a plugin cannot be loaded.',
  'invalid-plugin': 'A plugin exports no component of a supported version and shape.',
  'health-check': 'A component reports before the start that it cannot work.',
  // Policies.
  'yaml-syntax': 'The text is not valid YAML.',
  'not-yaml': "The file is not valid YAML and is read with the original's grammar.",
  'policy-syntax': 'An invalid rule, macro, list, filter or condition.',
  'comment-in-word': 'A `#` inside a word of a condition: the original starts a comment there.',
  'unknown-item': 'An item that is not a rule, filter, macro, list or engine version.',
  'unknown-attribute': 'An unknown attribute: the term is never true.',
  'attribute-alias': 'A name that is interpreted as an attribute with another name.',
  'undefined-macro': 'An undefined macro: the term is never true.',
  'undefined-list': 'An undefined list.',
  'recursive-definition': 'A macro or list that refers to itself.',
  'type-mismatch': 'An operator that does not apply to the type of its attribute or value: the term is never true.',
  'duplicate-name': 'A name that is defined more than once.',
  'unused-definition': 'An unused macro or list.',
  'never-true': 'A rule or term that no record can match.',
  'always-true': 'A rule or term that every record matches.',
  'suspicious-literal': 'A literal that probably means something else.',
  'unsupported-key': 'A key that is accepted but has no effect.',
  'engine-version': 'The file requires another version of the engine.',
  'unknown-priority': 'An unknown priority; low is used.',
  'missing-action': 'An unknown action.',
  'unsupported-event': 'An event type that SysFlow does not record.',
} as const;

export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES;
