import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assemble, type Code, I32, I64, i32, i64, local, type ValueType } from '../../../src/accel/wasm/assembler.js';
import { MemoryPool } from '../../../src/accel/wasm/memory.js';

const memory = new MemoryPool(1).open()!;

/** Runs one function. */
function run(
  results: ValueType,
  body: Code,
  parameters: readonly ValueType[] = [],
  given: readonly unknown[] = [],
): unknown {
  const exports = memory.instantiate(assemble([{ parameters, results: [results], locals: [], body, exported: 'f' }]));
  return (exports.f as (...given: readonly unknown[]) => unknown)(...given);
}

test('constants of any size are encoded exactly', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      assert.equal(run(I64, i64.const(value)), value);
    }),
  );
  fc.assert(fc.property(fc.integer(), (value) => assert.equal(run(I32, i32.const(value)), value)));
  for (const value of [0, -1, 63, 64, -64, -65, 0x7fffffff, -0x80000000])
    assert.equal(run(I32, i32.const(value)), value);
});

test('memory is read where it was written, at any offset', () => {
  fc.assert(
    fc.property(
      fc.nat(60_000),
      fc.nat(60_000),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      (at, offset, value) => {
        const body = [
          ...[...local.get(0), ...local.get(1), ...i64.store(offset)],
          ...[...local.get(0), ...i64.load(offset)],
        ];
        assert.equal(run(I64, body, [I32, I64], [at, value]), value);
        assert.equal(new DataView(memory.buffer).getBigInt64(at + offset, true), value);
      },
    ),
  );
});
