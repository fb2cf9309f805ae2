/** Random conditions and random records over small pools of values, so that tests hold often enough. */
import fc from 'fast-check';
import { FIELDS } from '../../../../src/fields/table.js';
import type { ConditionNode, Operator, Policy, TestNode, Value } from '../../../../src/policy/model/policy.js';
import type { Container, File, Pod, Process } from '../../../../src/sysflow/entities.js';
import { ROW_SLOTS, SLOT_RET } from '../../../../src/sysflow/record-batch.js';
import { makePod } from '../../../support/records.js';
import { and, constant, filter, literal, not, or, PLACE, policy, rule } from './policies.js';
import { makeActor, makeFile, makeProcess, type RecordSpec } from './records.js';

const TEXTS = [
  ...['', 'a', 'b', '/', '.', '"', "'", '"a"', "'b", 'A', 'ab', 'bab', '/bin', '/bin/ab', '/bin/a,b', 'a b', '[a]'],
  ...[
    'ÀB',
    'àb',
    'true',
    'false',
    'host',
    'root',
    'EXEC',
    'OPEN',
    'READ',
    'WRITE',
    'RECV',
    'PE',
    'FF',
    'NF',
    '10.0.0.1',
  ],
  ...[
    '0',
    '1',
    '-1',
    '5',
    '05',
    '22',
    '4294967296',
    '9223372036854775807',
    '-9223372036854775808',
    '99999999999999999999',
  ],
];
const text = fc.constantFrom(...TEXTS);
const path = fc.constantFrom('/bin/ab', '/bin/a', 'ab', '', '/', '"a"', '/bab/b', '/bin/a,b', 'ÀB');

const process: fc.Arbitrary<Process> = fc
  .record({
    pid: fc.constantFrom(0n, 1n, 5n, 22n, 4294967296n),
    exe: path,
    args: text,
    uid: fc.constantFrom(0, 1, 5, -1),
    userName: fc.constantFrom('root', 'a', ''),
    tty: fc.boolean(),
    entry: fc.boolean(),
    hasParent: fc.boolean(),
    cwd: fc.constantFrom(null, '/bin'),
    env: fc.constantFrom(null, ['a', 'b=a']),
  })
  .map(makeProcess);

const container: fc.Arbitrary<Container | null> = fc.option(
  fc.record({
    id: text,
    name: text,
    image: fc.constantFrom('a:b', '/bin/a', 'ab'),
    imageId: text,
    type: fc.constantFrom('CT_DOCKER', 'CT_CRI'),
    privileged: fc.boolean(),
    podId: fc.constant(null),
  }),
);

const pod: fc.Arbitrary<Pod | null> = fc.option(
  fc.record({ name: text, namespace: text, hostIps: fc.subarray(['10.0.0.1', '10.0.0.2']) }).map(makePod),
);

const file: fc.Arbitrary<File | null> = fc.option(
  fc.tuple(path, fc.constantFrom('f', 'd', '4')).map(([name, type]) => makeFile(name, type)),
);

const slots = fc.dictionary(
  fc.integer({ min: SLOT_RET, max: ROW_SLOTS - 1 }).map(String),
  fc.constantFrom(0, 1, 5, 22, -1, 0x0100000a),
  { maxKeys: 12 },
);

const KINDS = ['processEvent', 'fileFlow', 'fileEvent', 'networkFlow', 'k8sEvent'] as const;

/** Records as the reader makes them: what does not apply to a kind is not there. */
export const records: fc.Arbitrary<RecordSpec[]> = fc
  .record({
    actors: fc.array(fc.record({ processes: fc.array(process, { maxLength: 3 }), container, pod }).map(makeActor), {
      minLength: 1,
      maxLength: 4,
    }),
    files: fc.array(file, { minLength: 1, maxLength: 4 }),
    events: fc.array(
      fc.record({
        kind: fc.constantFrom(...KINDS),
        opFlags: fc.constantFrom(0, 1, 2, 0x80, 0x100, 0x300, 0x100000),
        openFlags: fc.constantFrom(0, 1, 2, 3, 4),
        slots,
        picks: fc.tuple(fc.nat(), fc.nat(), fc.nat()),
        message: fc.constantFrom('', '{"a":{"b":[1,"a"]}}', '"a"', '{"a":5}'),
      }),
      { minLength: 1, maxLength: 30 },
    ),
  })
  .map(({ actors, files, events }) =>
    events.map(({ kind, opFlags, openFlags, slots: numbers, picks, message }) => {
      const actor = actors[picks[0] % actors.length]!;
      const hasFile = kind === 'fileFlow' || kind === 'fileEvent';
      if (kind === 'k8sEvent') {
        return { kind, processes: [], payload: { kind: 'K8S_PODS', action: 'a', message } };
      }
      return {
        kind,
        opFlags,
        openFlags: kind === 'fileFlow' ? openFlags : 0,
        slots: Object.fromEntries(Object.entries(numbers).filter(([slot]) => applies(kind, Number(slot)))),
        actor,
        file: hasFile ? files[picks[1] % files.length]! : null,
        newFile: kind === 'fileEvent' ? files[picks[2] % files.length]! : null,
      };
    }),
  );

/** Whether a slot can be set on a kind of record; see the slots of a record batch. */
function applies(kind: string, slot: number): boolean {
  if (slot === SLOT_RET) return kind === 'processEvent' || kind === 'fileEvent';
  if (slot >= 22 && slot <= 26) return kind === 'networkFlow';
  if (slot >= 10 && slot <= 21) return (kind === 'fileFlow' && slot !== 12) || (kind === 'networkFlow' && slot !== 12);
  return false;
}

const fieldValue: fc.Arbitrary<Value> = fc
  .tuple(fc.constantFrom(...FIELDS), fc.constantFrom(null, 0, 1), fc.constantFrom(null, '', 'a', 'a.b.#', '0', '@this'))
  .map(([field, index, jsonPath]) => ({
    kind: 'field',
    field,
    path: field.type === 'json' ? jsonPath : null,
    index: field.type === 'strings' || field.type === 'ints' ? index : null,
    place: PLACE,
  }));

const literalValue: fc.Arbitrary<Value> = text.map(literal);
const value = fc.oneof({ weight: 5, arbitrary: fieldValue }, { weight: 1, arbitrary: literalValue });
const operand = fc.oneof({ weight: 5, arbitrary: literalValue }, { weight: 1, arbitrary: fieldValue });

const binary: fc.Arbitrary<TestNode> = fc.record({
  kind: fc.constant('test' as const),
  operator: fc.constantFrom<Operator[]>(
    '=',
    '!=',
    'startswith',
    'endswith',
    'contains',
    'icontains',
    '<',
    '<=',
    '>',
    '>=',
  ),
  left: value,
  right: fc.tuple(operand),
  place: fc.constant(PLACE),
});

const listed: fc.Arbitrary<TestNode> = fc.record({
  kind: fc.constant('test' as const),
  operator: fc.constantFrom<Operator>('in', 'pmatch'),
  left: value,
  right: fc.array(literalValue, { minLength: 1, maxLength: 20 }),
  place: fc.constant(PLACE),
});

const octet = fc.constantFrom(0, 1, 2, 3, 10, 255);
const network: fc.Arbitrary<Value> = fc
  .tuple(fc.tuple(octet, octet, octet, octet), fc.constantFrom('', '/0', '/1', '/8', '/23', '/24', '/32', '/33', 'x'))
  .map(([octets, bits]) => literal(octets.join('.') + bits));

const within: fc.Arbitrary<TestNode> = fc.record({
  kind: fc.constant('test' as const),
  operator: fc.constant<Operator>('within'),
  left: fc
    .constantFrom(...FIELDS.filter(({ section, networks }) => networks === true || section === 'net'))
    .map((field): Value => ({ kind: 'field', field, path: null, index: null, place: PLACE })),
  right: fc.array(network, { minLength: 1, maxLength: 20 }),
  place: fc.constant(PLACE),
});

const exists: fc.Arbitrary<TestNode> = fc.record({
  kind: fc.constant('test' as const),
  operator: fc.constant<Operator>('exists'),
  left: value,
  right: fc.constant([]),
  place: fc.constant(PLACE),
});

const test: fc.Arbitrary<ConditionNode> = fc.oneof(
  { weight: 6, arbitrary: binary },
  { weight: 3, arbitrary: listed },
  { weight: 1, arbitrary: within },
  { weight: 1, arbitrary: exists },
);

export const condition: fc.Arbitrary<ConditionNode> = fc.letrec<{ node: ConditionNode }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    test,
    fc.boolean().map(constant),
    fc.array(tie('node'), { maxLength: 4 }).map((items) => and(...items)),
    fc.array(tie('node'), { maxLength: 4 }).map((items) => or(...items)),
    tie('node').map(not),
    tie('node').map((body) => ({ kind: 'macro' as const, name: 'm', body, place: PLACE })),
  ),
})).node;

/** Policies of a few rules and filters that share tests. */
export const policies: fc.Arbitrary<Policy> = fc
  .record({
    shared: fc.array(condition, { minLength: 1, maxLength: 4 }),
    rules: fc.array(
      fc.record({
        own: condition,
        pick: fc.nat(),
        join: fc.constantFrom('own', 'and', 'or', 'and not'),
        prefilter: fc.subarray(['PE', 'FF', 'FE', 'NF', 'KE'], { minLength: 0, maxLength: 2 }),
        enabled: fc.boolean(),
      }),
      { maxLength: 12 },
    ),
    filters: fc.array(fc.record({ own: condition, enabled: fc.boolean() }), { maxLength: 2 }),
  })
  .map(({ shared, rules, filters }) =>
    policy(
      rules.map(({ own, pick, join, prefilter, enabled }, index) => {
        const other = shared[pick % shared.length]!;
        const joined = { own, and: and(own, other), or: or(own, other), 'and not': and(own, not(other)) }[join];
        return rule(`rule ${index}`, joined, { prefilter, enabled });
      }),
      filters.map(({ own, enabled }, index) => filter(`filter ${index}`, own, enabled)),
    ),
  );
