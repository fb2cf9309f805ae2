import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sameContainer, sameFile, sameHeader, sameProcess } from '../../src/reader/same-entity.js';
import { makeContainer, makeFile, makeHeader, makeProcess } from '../support/records.js';

const ID = { createTs: 2n ** 40n + 1n, pid: 2n ** 33n + 2n };
const PARENT = { createTs: 2n ** 41n + 3n, pid: 2n ** 34n + 4n };

type Same<T> = (known: T | null | undefined, announced: T) => boolean;

/** Other values than a field's. */
function others(value: unknown): unknown[] {
  switch (typeof value) {
    case 'number':
      return [value + 1, -value - 1];
    case 'boolean':
      return [!value];
    case 'string':
      return [`${value}x`, ''];
    default:
      return value === null ? ['', 'x'] : assert.fail(`${value}`);
  }
}

/** When a process or file was announced. */
const TIMES = ['tsLo', 'tsHi'] as const;

/** Checks that an entity is the same as its copy, and as no other that differs in one field. */
function checkFields<T extends object>(same: Same<T>, make: () => T, besides: readonly (keyof T)[] = []): void {
  const entity = make();
  assert.ok(same(entity, entity));
  assert.ok(same(make(), entity));
  assert.ok(!same(null, entity));
  assert.ok(!same(undefined, entity));
  for (const key of Object.keys(entity) as (keyof T)[]) {
    if (besides.includes(key)) continue;
    for (const value of others(entity[key])) {
      const other = { ...make(), [key]: value };
      assert.ok(!same(entity, other), `another ${String(key)}`);
      assert.ok(!same(other, entity), `another ${String(key)} before`);
      assert.ok(same(other, { ...other }));
    }
  }
}

test('a process that differs in any field is another version', () => {
  for (const containerId of [null, 'c0ffee']) {
    for (const cwd of [null, '/srv']) {
      checkFields(sameProcess, () => makeProcess(ID, { containerId, cwd, tsLo: 5, tsHi: 6 }, PARENT), [
        'env',
        'memo',
        ...TIMES,
      ]);
    }
  }
});

test('the time of an announcement makes no other version', () => {
  assert.ok(sameProcess(makeProcess(ID), makeProcess(ID, { tsLo: 1, tsHi: 2 })));
});

test('environments are compared one by one', () => {
  const environments = [null, [], ['A=1'], ['A=2'], ['A=1', 'B=2'], ['B=2', 'A=1'], ['A=1', 'B=2', 'C=3']];
  for (const [i, env] of environments.entries()) {
    for (const [j, other] of environments.entries()) {
      const announced = makeProcess(ID, { env: other === null ? null : [...other] });
      assert.equal(sameProcess(makeProcess(ID, { env }), announced), i === j, `${env} and ${other}`);
    }
  }
});

test('a file that differs in any field is another version', () => {
  for (const containerId of [null, 'c0ffee']) {
    checkFields(sameFile, () => makeFile('aa', { containerId }), ['memo']);
  }
});

test('what consumers keep for a version makes no difference', () => {
  assert.ok(sameProcess(makeProcess(ID, { memo: ['kept'] }), makeProcess(ID)));
  assert.ok(sameFile(makeFile('aa', { memo: ['kept'] }), makeFile('aa')));
});

test('a container or header that differs in any field is another one', () => {
  for (const podId of [null, 'pod-1']) checkFields(sameContainer, () => makeContainer({ podId }));
  checkFields(sameHeader, makeHeader);
});
