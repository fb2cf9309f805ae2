import type { Diagnostic, SourceText } from '../../../../src/diagnostics/diagnostic.js';
import { positionAt } from '../../../../src/diagnostics/format.js';
import {
  type ParsedCondition,
  parseConditionPieces,
} from '../../../../src/policy/languages/sysflow/condition-parser.js';
import type { ConditionSyntax, Operand } from '../../../../src/policy/languages/sysflow/syntax.js';
import { type LoadedPolicies, loadPolicyTexts } from '../../../../src/policy/load-policies.js';
import type { ConditionNode, Value } from '../../../../src/policy/model/policy.js';

/** Parses a condition that is a whole text. */
export function parse(text: string): ParsedCondition {
  const source: SourceText = { path: 'test.yaml', text };
  const scalar = { kind: 'scalar', text, range: { start: 0, end: text.length }, offsets: null } as const;
  return parseConditionPieces([{ source, scalar }]);
}

/** A syntax tree in a compact form: `and(test(= w:a s:b), macro(m))`. */
export function showSyntax(node: ConditionSyntax): string {
  switch (node.kind) {
    case 'and':
    case 'or':
      return `${node.kind}(${node.items.map(showSyntax).join(', ')})`;
    case 'not':
      return `not(${showSyntax(node.item)})`;
    case 'macro':
      return `macro(${node.name})`;
    case 'test': {
      const form = node.form === 'value' ? '' : ` ${node.form}`;
      return `test(${[node.operator + form, ...[node.left, ...node.right].map(showOperand)].join(' ')})`;
    }
  }
}

function showOperand(operand: Operand): string {
  if (operand.kind === 'string') return `'${operand.text}'`;
  return operand.argument === null ? operand.text : `${operand.name}{${operand.argument}}`;
}

/** A resolved condition in a compact form; macros as `name:body`. */
export function showCondition(node: ConditionNode): string {
  switch (node.kind) {
    case 'and':
    case 'or':
      return `${node.kind}(${node.items.map(showCondition).join(', ')})`;
    case 'not':
      return `not(${showCondition(node.item)})`;
    case 'macro':
      return `${node.name}:${showCondition(node.body)}`;
    case 'const':
      return node.reason === null ? String(node.value) : `broken(${node.value})`;
    case 'test':
      return [showValue(node.left), node.operator, ...node.right.map(showValue)].join(' ');
  }
}

function showValue(value: Value): string {
  if (value.kind === 'literal') return `'${value.text}'`;
  const argument = value.path ?? value.index;
  return argument === null ? value.field.name : `${value.field.name}[${argument}]`;
}

/** Loads policy texts, named a.yaml, b.yaml, … in load order. */
export function load(...texts: string[]): Promise<LoadedPolicies> {
  return loadPolicyTexts(texts.map((text, i) => ({ path: `${String.fromCharCode(97 + i)}.yaml`, text })));
}

/** Loads one rule with a condition, behind some definitions. */
export async function loadCondition(condition: string, definitions = ''): Promise<LoadedPolicies> {
  const rule = `- rule: r\n  desc: d\n  condition: >\n    ${condition.replaceAll('\n', '\n    ')}\n`;
  return load(`${definitions}\n${rule}`);
}

/** The condition of the first rule, in compact form. */
export function firstCondition({ policy }: LoadedPolicies): string {
  const rule = policy.rules[0];
  return rule === undefined ? 'no rule' : showCondition(rule.condition);
}

/** Diagnostics as `line:column severity[code] 'text at the place'`. */
export function brief(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ source, range, severity, code }) => {
    if (source === null || range === null) return `${severity}[${code}]`;
    const { line, column } = positionAt(source.text, range.start);
    return `${line}:${column} ${severity}[${code}] '${source.text.slice(range.start, range.end)}'`;
  });
}
