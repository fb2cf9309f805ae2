import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Driver, DriverComponent, DriverHost } from '../../../src/drivers/driver.js';
import { Isolated, SETTLE } from './support/isolated.js';

const NAME = "driver 'd' (x.mjs)";

/** Creates a driver by a plugin, in isolation; gives it with a host that keeps what fails. */
function create(make: () => object) {
  const common = { kind: 'driver', name: 'd', summary: 's', options: {} } as const;
  const plugin = new Isolated<DriverComponent>({ ...common, create: make as () => Driver });
  const failures: string[] = [];
  const host = { fail: (message: string) => failures.push(message) } as unknown as DriverHost;
  return { driver: plugin.component.create({}, { path: 'p', now: () => 0 }), host, failures, plugin };
}

test('a driver that rejects, or throws, says so with its file', async () => {
  for (const run of [
    () => Promise.reject(new Error('gone')),
    () => {
      throw new Error('gone');
    },
  ]) {
    const { driver, host, failures } = create(() => ({ run }));
    assert.ok(driver.start!(host));
    await driver.run(host, new AbortController().signal);
    assert.deepEqual(failures, [`${NAME}: run failed: gone`]);
  }
});

test('a driver that does not end after the signal to stop is left', async () => {
  const { driver, host, failures } = create(() => ({ run: () => new Promise(() => {}) }));
  const abort = new AbortController();
  const running = driver.run(host, abort.signal);
  abort.abort();
  await running;
  assert.deepEqual(failures, [`${NAME}: run did not settle within ${SETTLE / 1000} s of the stop`]);
});

test('a driver that cannot be created or started keeps the pipeline from starting', () => {
  const failing = create(() => {
    throw new Error('no socket');
  });
  assert.equal(failing.driver.start!(failing.host), false);
  assert.deepEqual(failing.failures, [`${NAME}: create threw: no socket`]);
  const empty = create(() => ({}));
  assert.equal(empty.driver.start!(empty.host), false);
  assert.deepEqual(empty.failures, [`${NAME}: the result of create has no run()`]);
  const start = (): never => {
    throw new Error('no input');
  };
  const unstarted = create(() => ({ run() {}, start }));
  assert.equal(unstarted.driver.start!(unstarted.host), false);
  assert.deepEqual(unstarted.failures, [`${NAME}: start threw: no input`]);
});

test('what a driver says of its files and its progress is believed only as far as it makes sense', () => {
  const { driver, plugin } = create(() => ({
    run() {},
    files: [{ path: 'a', isListed: false }, 5, null],
    get progress() {
      throw new Error('lost count');
    },
    dispose() {
      throw new Error('again');
    },
  }));
  assert.deepEqual(driver.files, [{ path: 'a', isListed: false }]);
  assert.equal(driver.progress, undefined);
  driver.dispose!();
  assert.deepEqual(plugin.lines, [`error ${NAME}: progress threw: lost count`, `error ${NAME}: dispose threw: again`]);
});
