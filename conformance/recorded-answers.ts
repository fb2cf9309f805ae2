/**
 * Applies R2 to recorded answers, which contain only the names of the rules that matched.
 *
 * The original evaluates conditions on the operation names in its outputs. The recorded answer of a rule that tests
 * `sf.opflags` is thus the result of the rule for the recorded operations, and is replaced by the result for the
 * operations after R2. An answer that the recorded names do not explain is kept.
 */
import { readTraces } from '../src/authoring/read-traces.js';
import { expandTraces } from '../src/drivers/trace-files.js';
import type { ListField } from '../src/fields/field.js';
import { findField } from '../src/fields/table.js';
import { evaluateCondition } from '../src/policy/engine/interpreter.js';
import { nodeFileSystem } from '../src/policy/files/node-file-system.js';
import { loadPolicies } from '../src/policy/load-policies.js';
import type { ConditionNode, Value } from '../src/policy/model/policy.js';
import type { FlatBatch } from '../src/records/flat-batch.js';
import { FlatRecord } from '../src/records/flat-record.js';
import { parseAlertLine, recordColumns } from './alert-line.js';
import { rewriteJson } from './rewrites.js';

const OPERATIONS = findField('sf.opflags')!.field as ListField;

/** Results, for a record, of the rules that test operations. */
export interface OperationAnswers {
  /** Type, times, process and file, as in an answer before the rules. */
  readonly record: string;
  /** By rule: whether it holds with the recorded operations and with the right ones. */
  readonly rules: ReadonlyMap<string, { readonly recorded: boolean; readonly right: boolean }>;
}

/**
 * Rewrites recorded answers (see `matchesOf`).
 *
 * @param answers lines of the records with at least one match, in order
 * @param records all records of the trace, in order
 */
export function rewriteAnswers(answers: readonly string[], records: readonly OperationAnswers[]): string[] {
  const rewritten: string[] = [];
  let next = 0;
  for (const { record, rules } of records) {
    const answer = next < answers.length ? parseAlertLine(answers[next]!, 'tsv') : null;
    const answered = answer?.record === record;
    if (answered) next++;
    const names = new Set(answered ? answer.rules.map(({ name }) => name) : []);
    for (const [name, { recorded, right }] of rules) {
      if (names.has(name) !== recorded) continue;
      if (right) names.add(name);
      else names.delete(name);
    }
    if (names.size > 0) rewritten.push(`${record}\t${[...names].sort().join('|')}`);
  }
  return [...rewritten, ...answers.slice(next)];
}

/**
 * Evaluates the rules that test operations on each record of a trace, with both sets of names.
 *
 * @param enriched the trace's records as the original wrote them in JSON, in order
 * @returns null if no rule tests operations
 */
export async function answerWithOperations(
  policy: string,
  trace: string,
  enriched: readonly string[],
): Promise<OperationAnswers[] | null> {
  const loaded = await loadPolicies([policy], nodeFileSystem);
  const shown: { names: readonly string[] } = { names: [] };
  const field: ListField = { ...OPERATIONS, read: () => shown.names };
  const rules = loaded.policy.rules.flatMap(({ name, condition }) => {
    const replaced = withOperations(condition, field);
    return replaced === condition ? [] : [{ name, condition: replaced }];
  });
  if (rules.length === 0) return null;
  const answers: OperationAnswers[] = [];
  const record = new FlatRecord();
  const holding = (line: string): boolean[] => {
    shown.names = JSON.parse(/"opflags":(\[[^\]]*\])/.exec(line)![1]!) as string[];
    return rules.map(({ condition }) => evaluateCondition(condition, record));
  };
  await readTraces(expandTraces([trace]), [
    () => ({
      push(batch: FlatBatch): undefined {
        for (const row of batch.rows.subarray(0, batch.count)) {
          const line = enriched[answers.length];
          if (line === undefined) break;
          record.moveTo(batch, row);
          const recorded = holding(line);
          const right = holding(rewriteJson(line));
          const pairs = rules.map(
            ({ name }, index) => [name, { recorded: recorded[index]!, right: right[index]! }] as const,
          );
          answers.push({ record: recordColumns(line), rules: new Map(pairs) });
        }
        batch.release();
      },
      end: () => Promise.resolve(),
    }),
  ]);
  return answers;
}

/** Returns the condition with its tests of operations applied to another field; the same object if it has none. */
function withOperations(node: ConditionNode, field: ListField): ConditionNode {
  const value = (one: Value): Value => {
    if (one.kind === 'literal' || one.field !== OPERATIONS) return one;
    const { kind, path, index, place } = one;
    return { kind, field, path, index, place };
  };
  switch (node.kind) {
    case 'and':
    case 'or': {
      const items = node.items.map((item) => withOperations(item, field));
      return items.every((item, index) => item === node.items[index]) ? node : { ...node, items };
    }
    case 'not': {
      const item = withOperations(node.item, field);
      return item === node.item ? node : { ...node, item };
    }
    case 'macro': {
      const body = withOperations(node.body, field);
      return body === node.body ? node : { ...node, body };
    }
    case 'const':
      return node;
    case 'test': {
      const left = value(node.left);
      const right = node.right.map(value);
      const same = left === node.left && right.every((one, index) => one === node.right[index]);
      return same ? node : { ...node, left, right };
    }
  }
}
