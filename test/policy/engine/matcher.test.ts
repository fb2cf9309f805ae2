import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FIELDS } from '../../../src/fields/table.js';
import { evaluateCondition } from '../../../src/policy/engine/interpreter.js';
import { allocateMatcherSlots, Matcher } from '../../../src/policy/engine/matcher.js';
import type { ConditionNode, Policy } from '../../../src/policy/model/policy.js';
import type { FlatBatch } from '../../../src/records/flat-batch.js';
import { FlatRecord } from '../../../src/records/flat-record.js';
import { and, attribute, check, literal, not, or, policy, rule } from './support/policies.js';
import { policies, records } from './support/random.js';
import { makeBatch, makeFile, makeProcess, type RecordSpec } from './support/records.js';

const slots = allocateMatcherSlots();

/** What the matcher says of each record: `drop`, or the indices of the rules. */
function matched(matcher: Matcher, batch: FlatBatch): string[] {
  return Array.from(batch.rows.subarray(0, batch.count), (row) => {
    matcher.releaseMemory();
    const outcome = matcher.match(batch, row);
    return outcome.dropped ? 'drop' : outcome.rules.join(',');
  });
}

/** The same by the interpreter. */
function interpreted({ rules, filters }: Policy, batch: FlatBatch): string[] {
  return Array.from(batch.rows.subarray(0, batch.count), (row) => {
    const record = new FlatRecord().moveTo(batch, row);
    if (filters.some(({ enabled, condition }) => enabled && evaluateCondition(condition, record))) return 'drop';
    return [...rules.keys()]
      .filter((index) => {
        const { enabled, prefilter, condition } = rules[index]!;
        return (
          enabled && (prefilter.length === 0 || prefilter.includes(record.type)) && evaluateCondition(condition, record)
        );
      })
      .join(',');
  });
}

describe('the compiled engine agrees with the interpreter', () => {
  test('over random rules and random records', () => {
    fc.assert(
      fc.property(policies, records, (rules, specs) => {
        const batch = makeBatch(specs);
        const matcher = new Matcher(rules, { actions: new Map(), slots });
        const expected = interpreted(rules, batch);
        assert.deepEqual(matched(matcher, batch), expected);
        assert.deepEqual(matched(matcher, batch), expected, 'on the second pass');
      }),
      { numRuns: Number(process.env.PROPERTY_RUNS ?? 400) },
    );
  });

  test('also if it is discarded all the time', () => {
    fc.assert(
      fc.property(policies, records, (rules, specs) => {
        const batch = makeBatch(specs);
        const matcher = new Matcher(rules, { actions: new Map(), slots, maxAutomatonSize: 0 });
        assert.deepEqual(matched(matcher, batch), interpreted(rules, batch));
      }),
      { numRuns: 100 },
    );
  });
});

test('an attribute has its zero value on the kinds of record to which it does not apply', () => {
  fc.assert(
    fc.property(records, (specs) => {
      const batch = makeBatch(specs);
      const record = new FlatRecord();
      for (let row = 0; row < batch.count; row++) {
        record.moveTo(batch, row);
        for (const field of FIELDS) {
          if ((field.kinds & (1 << record.kind)) !== 0) continue;
          const value = 'readLow' in field ? [field.readLow(record), field.readHigh(record)] : field.read(record);
          const zero = { int: [0, 0], time: [0, 0], bool: false, string: '', json: '', strings: [], ints: [] }[
            field.type
          ];
          assert.deepEqual(value, zero, `${field.name} on ${record.type}`);
        }
      }
    }),
    { numRuns: 50 },
  );
});

/** The indices of the conditions that hold, by the matcher, checked against the interpreter. */
function holding(conditions: readonly ConditionNode[], spec: RecordSpec): number[] {
  const rules = policy(conditions.map((condition, index) => rule(String(index), condition)));
  const batch = makeBatch([spec]);
  const outcome = new Matcher(rules, { actions: new Map(), slots }).match(batch, 0);
  assert.equal(outcome.rules.join(','), interpreted(rules, batch)[0]);
  return [...outcome.rules];
}

describe('many literals of one attribute', () => {
  const numbers = Array.from({ length: 500 }, (_, index) => index);
  const shell: RecordSpec = { processes: [makeProcess({ exe: '/usr/bin/n77', args: '--n77 n5' })] };

  for (const operator of ['=', 'startswith', 'endswith', 'contains', 'icontains'] as const) {
    test(`share an index: ${operator}`, () => {
      const literals = ['n77', '7', 'N', 'n', '77', '', 'n7', ...numbers.map((n) => `n${n}`)];
      const conditions = literals.map((text) => check('sf.proc.name', operator, text));
      const expected = literals.flatMap((text, index) => {
        const fits = {
          '=': text === 'n77',
          startswith: 'n77'.startsWith(text),
          endswith: 'n77'.endsWith(text),
          contains: 'n77'.includes(text),
          icontains: 'n77'.includes(text.toLowerCase()),
        }[operator];
        return fits ? [index] : [];
      });
      assert.deepEqual(holding(conditions, shell), expected);
    });
  }

  test('in and pmatch with many items', () => {
    const conditions = numbers.map((n) => check('sf.proc.args', 'pmatch', `n${n}`, `m${n}`));
    assert.deepEqual(holding(conditions, shell), [5, 7, 77]);
    assert.deepEqual(holding([check('sf.proc.name', 'in', ...numbers.map((n) => `n${n}`))], shell), [0]);
  });

  test('integers by equality and by order', () => {
    const spec: RecordSpec = { processes: [makeProcess({ uid: 77 })] };
    const equal = numbers.map((n) => check('sf.proc.uid', '=', String(n)));
    const less = numbers.map((n) => check('sf.proc.uid', '<', String(n)));
    assert.deepEqual(holding([...equal, ...less], spec), [77, ...numbers.slice(78).map((n) => n + 500)]);
  });
});

test('a literal may stand on the left of an order operator', () => {
  const spec: RecordSpec = { processes: [makeProcess({ uid: 77 })] };
  const left = (operator: '<' | '<=' | '>' | '>=', text: string) =>
    check(literal(text), operator, attribute('sf.proc.uid'));
  const conditions = [
    left('<', '77'),
    left('<=', '77'),
    left('>', '77'),
    left('>=', '77'),
    left('<', '76'),
    left('>', '78'),
  ];
  assert.deepEqual(holding(conditions, spec), [1, 3, 4, 5]);
});

test('macros that double at each level are evaluated once', () => {
  let node: ConditionNode = check('sf.proc.uid', '=', '1');
  for (let level = 0; level < 60; level++) {
    const body: ConditionNode = node;
    node = {
      kind: 'macro',
      name: `m${level}`,
      body: level % 2 === 0 ? and(body, body) : or(body, body),
      place: body.place,
    };
  }
  const rules = policy([rule('r', not(node))]);
  const matcher = new Matcher(rules, { actions: new Map(), slots });
  assert.deepEqual([...matcher.match(makeBatch([{}]), 0).rules], [0]);
});

test('no number of records of other kinds, operations, actors and files makes the memory grow without bound', () => {
  const conditions = Array.from({ length: 60 }, (_, n) => check('sf.proc.args', 'contains', `w${n};`));
  const rules = policy(conditions.map((condition, index) => rule(String(index), condition)));
  const matcher = new Matcher(rules, { actions: new Map(), slots, maxAutomatonSize: 20_000 });
  let random = 1;
  const next = (below: number): number => {
    random = (Math.imul(random, 1103515245) + 12345) >>> 0;
    return Math.floor((random / 2 ** 32) * below);
  };
  for (let round = 0; round < 20; round++) {
    const specs: RecordSpec[] = Array.from({ length: 300 }, () => ({
      kind: 'fileFlow',
      opFlags: next(2 ** 31),
      file: makeFile(`/f${next(1e9)}`),
      processes: [makeProcess({ args: Array.from({ length: 5 }, () => `w${next(60)};`).join(' ') })],
    }));
    const batch = makeBatch(specs);
    assert.deepEqual(matched(matcher, batch), interpreted(rules, batch));
  }
  assert.ok(matcher.outcomes.size < 2000, `${matcher.outcomes.size} outcomes are kept`);
});
