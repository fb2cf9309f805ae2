import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allocateMatcherSlots, Matcher } from '../../../src/policy/engine/matcher.js';
import { createPolicyEngine, type PolicyEngine, type PolicyMode } from '../../../src/policy/engine/policy-engine.js';
import { RowSkipper } from '../../../src/policy/engine/row-skipper.js';
import type { Policy } from '../../../src/policy/model/policy.js';
import { FlatBatch } from '../../../src/records/flat-batch.js';
import { JoinedEntities } from '../../../src/records/joined-entities.js';
import { OpFlag } from '../../../src/sysflow/op-flags.js';
import { OpenFlag } from '../../../src/sysflow/open-flags.js';
import { RecordBatch, SLOT_DPORT, SLOT_RET, SLOT_SPORT } from '../../../src/sysflow/record-batch.js';
import { Arena } from '../../../src/wasm/arena.js';
import { Random } from '../../sysflow/support/random.js';
import { and, check, policy, rule } from './support/policies.js';
import { policies, records } from './support/random.js';
import { fillBatch, listFrom, makeFile, makeProcess, makeSubject, type RecordSpec } from './support/records.js';

const slots = { shared: allocateMatcherSlots(), alone: allocateMatcherSlots() };

/** Entities whose class is noted. */
const NOTED = 1 << 18;

const arena = Arena.create()!;
const skipper = new RowSkipper(arena);
const batch = FlatBatch.of(new RecordBatch(() => {}, arena));

/** Rows that were passed over. */
let skipped = 0;
/** Rows that match, and of which that is known without a look at them. */
let found = 0;

/** What a matcher says of each record: `drop`, or the indices of the rules. */
function matched(matcher: Matcher, batch: FlatBatch): string[] {
  matcher.tidy();
  const said: string[] = [];
  for (let i = 0; ; i++) {
    const next = matcher.skip(batch, i);
    assert.ok(next >= i && next <= batch.count);
    for (; i < next; i++) said.push('');
    if (i === batch.count) break;
    const known = matcher.skippedTo;
    if (known !== null) found++;
    const outcome = known ?? matcher.match(batch, batch.rows[i]!);
    said.push(outcome.dropped ? 'drop' : outcome.rules.join(','));
  }
  return said;
}

/** A matcher with WebAssembly, and one without. */
class TwoMatchers {
  readonly shared: Matcher;
  readonly alone: Matcher;

  constructor(rules: Policy, options: { readonly largestDecision?: number } = {}) {
    this.shared = new Matcher(rules, { actions: new Map(), ...options, slots: slots.shared, skipper });
    this.alone = new Matcher(rules, { actions: new Map(), ...options, slots: slots.alone });
    const { shared } = this;
    const skip = shared.skip.bind(shared);
    shared.skip = (batch, index) => {
      const next = skip(batch, index);
      skipped += next - index;
      return next;
    };
  }

  /** Checks that both say the same of some records. */
  check(specs: readonly RecordSpec[], entities: JoinedEntities): string[] {
    fillBatch(batch, specs, entities);
    const expected = matched(this.alone, batch);
    assert.deepEqual(matched(this.shared, batch), expected);
    return expected;
  }
}

/** Checks random rules on random records, which come several times in other orders and with other numbers of entities. */
function checkRandom(
  runs: number,
  make: (seed: Random) => JoinedEntities,
  options: { largestDecision?: number },
): void {
  skipped = 0;
  found = 0;
  fc.assert(
    fc.property(policies, records, fc.integer(), (rules, specs, seed) => {
      const random = new Random(seed);
      const both = new TwoMatchers(rules, options);
      const lists = [make(random), make(random)];
      for (let pass = 0; pass < 8; pass++) both.check(random.shuffle(specs), random.pick(lists));
    }),
    { numRuns: runs, includeErrorInReport: true },
  );
}

test('records are passed over that no rule matches, and no others', () => {
  checkRandom(150, () => new JoinedEntities(), {});
  assert.ok(skipped > 1000, `${skipped}`);
  assert.ok(found > 1000, `${found}`);
});

test('also where the decision has to begin anew now and then', () => {
  checkRandom(100, () => new JoinedEntities(), { largestDecision: 300 });
  assert.ok(skipped > 500, `${skipped}`);
  checkRandom(30, () => new JoinedEntities(), { largestDecision: 0 });
});

test('also with more entities than those whose class is noted', () => {
  const start = (random: Random): number => random.pick([0, NOTED - 2, NOTED, NOTED + 1]);
  checkRandom(60, (random) => listFrom(start(random), start(random)), {});
  assert.ok(skipped > 100, `${skipped}`);
});

/** Records of a file flow, or of a rename. */
const flow = (exe: string, path: string, openFlags = 0): RecordSpec => ({
  kind: 'fileFlow',
  openFlags,
  subject: subjectOf(exe),
  file: fileOf(path),
});
const rename = (from: string, to: string): RecordSpec => ({
  kind: 'fileEvent',
  subject: subjectOf('/bin/mv'),
  file: fileOf(from),
  newFile: fileOf(to),
});

/** Makes what belongs to a text, once. */
function once<T>(make: (text: string) => T): (text: string) => T {
  const made = new Map<string, T>();
  return (text) => {
    const value = made.get(text) ?? make(text);
    made.set(text, value);
    return value;
  };
}

const subjectOf = once((exe) => makeSubject({ processes: [makeProcess({ exe })] }));
const fileOf = once((path) => makeFile(path));

test('an entity beyond those that are noted does not stand for another', () => {
  const isEvil = (attribute: string) => rule(attribute, check(attribute, 'endswith', 'evil'));
  const rules = policy(['sf.proc.exe', 'sf.file.path', 'sf.file.newpath'].map(isEvil));
  const name = (n: number, every: number): string => `/${n} ${n % every === 0 ? 'evil' : 'good'}`;
  // The first beyond the subjects would stand where the first files do, and those where the first second files do.
  const numbers = Array.from({ length: 60 }, (_, n) => n);
  const flows = numbers.map((n) => flow(name(n, 5), name(n, 7)));
  const renames = numbers.map((n) => rename('/good', name(n, 4)));
  for (const list of [listFrom(NOTED, 1), listFrom(1, NOTED)]) {
    const both = new TwoMatchers(rules);
    for (let round = 0; round < 4; round++) {
      both.check(flows, list);
      both.check(round % 2 === 0 ? renames : renames.toReversed(), list);
    }
    const low = new JoinedEntities();
    for (let round = 0; round < 3; round++) both.check([...flows, ...renames], low);
  }
});

test('a file has another class where it is the second', () => {
  const rules = policy([
    rule('from', check('sf.file.path', '=', '/a')),
    rule('to', check('sf.file.newpath', '=', '/b')),
  ]);
  const both = new TwoMatchers(rules);
  const list = new JoinedEntities();
  for (let round = 0; round < 3; round++) {
    const said = both.check([rename('/b', '/a'), rename('/b', '/b'), rename('/a', '/a'), rename('/a', '/b')], list);
    assert.deepEqual(said, ['', '1', '0', '0,1']);
  }
});

const { rdonly, wronly } = OpenFlag;
for (const [what, one, two, a, b] of [
  ['subjects', check('sf.proc.exe', '=', '/a'), check('sf.proc.exe', '=', '/b'), flow('/a', '/'), flow('/b', '/')],
  ['files', check('sf.file.path', '=', '/a'), check('sf.file.path', '=', '/b'), flow('/', '/a'), flow('/', '/b')],
  [
    'second files',
    check('sf.file.newpath', '=', '/a'),
    check('sf.file.newpath', '=', '/b'),
    rename('/', '/a'),
    rename('/', '/b'),
  ],
  [
    'open flags',
    check('sf.file.is_open_read', '=', 'true'),
    check('sf.file.is_open_write', '=', 'true'),
    flow('/', '/', rdonly),
    flow('/', '/', wronly),
  ],
] as const) {
  test(`classes of ${what} are those of the policy in force`, () => {
    const list = new JoinedEntities();
    // The record that matches is in the class that the other one was in before.
    for (let round = 0; round < 3; round++) {
      const first = new TwoMatchers(policy([rule('a', one)]));
      for (let pass = 0; pass < 2; pass++) assert.deepEqual(first.check([b, a], list), ['', '0']);
      const second = new TwoMatchers(policy([rule('b', two)]));
      for (let pass = 0; pass < 2; pass++) assert.deepEqual(second.check([a, b], list), ['', '0']);
    }
  });
}

test('operations and open flags that have one place are told apart', () => {
  const rules = policy([
    rule('exec', and(check('sf.opflags', 'in', 'EXEC'), check('sf.proc.exe', '=', '/bin/true'))),
    rule('write', and(check('sf.file.is_open_write', '=', 'true'), check('sf.opflags', 'in', 'UNLINK'))),
  ]);
  const both = new TwoMatchers(rules);
  const list = new JoinedEntities();
  const subject = makeSubject();
  const random = new Random(3);
  skipped = 0;
  const flags = Array.from({ length: 300 }, () => random.int());
  for (let round = 0; round < 20; round++) {
    const specs: RecordSpec[] = Array.from({ length: 500 }, () => ({
      kind: random.pick(['processEvent', 'fileFlow', 'networkFlow'] as const),
      opFlags: random.pick(flags),
      openFlags: random.pick(flags),
      subject,
    }));
    both.check(specs, list);
  }
  assert.ok(skipped > 100, `${skipped}`);
});

test('records that differ by a number are passed over by its values, also those that have one place', () => {
  const rules = policy([
    rule('web', and(check('sf.net.dport', 'in', '80', '443'), check('sf.proc.exe', '=', '/bin/true'))),
    rule('high', and(check('sf.net.sport', '>', '60000'), check('sf.net.dport', '<', '10'))),
    rule('failed', and(check('sf.ret', '<', '0'), check('sf.opflags', '=', 'EXEC'))),
  ]);
  const both = new TwoMatchers(rules);
  const list = new JoinedEntities();
  const subjects = ['/bin/true', '/bin/false'].map((exe) => makeSubject({ processes: [makeProcess({ exe })] }));
  const random = new Random(5);
  skipped = 0;
  let rows = 0;
  const found = new Set<string>();
  for (let round = 0; round < 20; round++) {
    const specs: RecordSpec[] = Array.from({ length: 500 }, () => ({
      kind: random.pick(['processEvent', 'networkFlow'] as const),
      opFlags: OpFlag.exec,
      slots: {
        [SLOT_RET]: random.pick([0, -1, -(2 ** 31)]),
        // More values than there are places.
        [SLOT_DPORT]: random.pick([80, 443, 5, random.below(12_000)]),
        [SLOT_SPORT]: random.pick([1000, 60_001, -1]),
      },
      subject: random.pick(subjects),
    }));
    for (const said of both.check(specs, list)) found.add(said);
    rows += specs.length;
  }
  assert.deepEqual([...found].sort(), ['', '0', '1', '2']);
  assert.ok(skipped > rows / 5, `${skipped} of ${rows}`);
});

test('what has no room any more is left to JavaScript', () => {
  const WORDS = 13;
  const has = (attribute: string, word: number) => check(attribute, 'contains', `w${word};`);
  const rules = policy([
    ...Array.from({ length: WORDS }, (_, word) =>
      rule(
        String(word),
        and(has('sf.proc.args', word), has('sf.file.path', word), check('sf.file.path', 'contains', 'never')),
      ),
    ),
    rule('found', and(check('sf.file.path', 'endswith', '!'), has('sf.proc.args', 3))),
  ]);
  const both = new TwoMatchers(rules, { largestDecision: 1e9 });
  const words = (bits: number): string =>
    Array.from({ length: WORDS }, (_, word) => ((bits >> word) & 1 ? `w${word};` : '')).join('');
  const subjects = Array.from({ length: 400 }, (_, bits) =>
    makeSubject({ processes: [makeProcess({ args: words(bits) })] }),
  );
  const files = Array.from({ length: 5000 }, (_, bits) => makeFile(`/${words(bits)}${bits % 50 === 49 ? '!' : ''}`));
  const list = new JoinedEntities();
  const opened = (subject: number, file: number): RecordSpec => ({
    kind: 'fileFlow',
    subject: subjects[subject]!,
    file: files[file]!,
  });
  for (let from = 0; from < 5000; from += 1000) {
    both.check(
      Array.from({ length: 1000 }, (_, i) => opened(399, from + i)),
      list,
    );
  }
  const late = (file: number): RecordSpec[] => subjects.map((_, subject) => opened(subject, file));
  skipped = 0;
  for (let round = 0; round < 3; round++) {
    both.check(late(4998), list);
    const said = both.check(late(4999), list);
    assert.ok(said.filter((rules) => rules === String(WORDS)).length > 100);
  }
  assert.ok(skipped > 100, `${skipped} of 2,400`);
  assert.ok(skipped < 1500, `${skipped} of 2,400: all had room`);
});

/** An engine, and which records it passes on with which rules. */
function engineOf(mode: PolicyMode, rules: Policy, itsArena: Arena | null): { engine: PolicyEngine; passed: string[] } {
  const passed: string[] = [];
  const options = { mode, actions: new Map(), arena: itsArena, now: () => 0, onActionProblem: () => {} };
  const engine = createPolicyEngine(options, rules, {
    push(given) {
      for (const row of given.rows.subarray(0, given.count)) {
        passed.push(`${row} ${given.contexts?.[row]?.rules.map(({ name }) => name).join() ?? ''}`);
      }
      given.release();
      return undefined;
    },
    end: () => Promise.resolve(),
  });
  return { engine, passed };
}

const modes = ['alert', 'enrich', 'bypass'] as const;
const engines = modes.map((mode) => [engineOf(mode, policy([]), arena), engineOf(mode, policy([]), null)] as const);

test('engines with WebAssembly and without pass on the same, policy after policy', () => {
  fc.assert(
    fc.property(fc.constantFrom(...engines), policies, records, ([one, two], rules, specs) => {
      const list = new JoinedEntities();
      for (const { engine } of [one, two]) engine.replacePolicy(rules, new Map());
      for (let pass = 0; pass < 3; pass++) {
        for (const { engine, passed } of [one, two]) {
          passed.length = 0;
          fillBatch(batch, specs, list);
          engine.push(batch);
        }
        assert.deepEqual(one.passed, two.passed);
        assert.deepEqual(one.engine.counters(), two.engine.counters());
      }
    }),
    { numRuns: 150, includeErrorInReport: true },
  );
});
