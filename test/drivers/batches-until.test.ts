import assert from 'node:assert/strict';
import { test } from 'node:test';
import { traceBytes } from '../../src/authoring/rule-tests/trace-bytes.js';
import { openedOrAborted } from '../../src/drivers/batches-until.js';
import { ContainerReader } from '../../src/sysflow/container-reader.js';
import { TraceError } from '../../src/sysflow/errors.js';
import { RECORDS } from '../cli/support/traces.js';

test('a trace that opened after a signal stayed open until garbage collection closed it', async () => {
  const bytes = await traceBytes(RECORDS);
  let closed = 0;
  const stop = new AbortController();
  let open: (trace: ContainerReader) => void = () => {};
  const opening = new Promise<ContainerReader | TraceError>((resolve) => {
    open = resolve;
  });
  const waiting = openedOrAborted(opening, stop.signal);
  stop.abort();
  assert.equal(await waiting, null);
  const trace = await ContainerReader.from([bytes], 'late');
  assert.ok(!(trace instanceof TraceError));
  trace.close = async () => {
    closed++;
  };
  open(trace);
  await opening;
  await Promise.resolve();
  assert.equal(closed, 1);
});
