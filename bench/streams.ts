/**
 * Many streams in one process, for their memory: `node --expose-gc streams.js STEP FOLDER` prints
 * `{"records", "seconds", "grown"}`, the last being by how many MiB the resident memory grew, see {@link growthOf}.
 * Steps: `serial` opens and closes 500 streams one after another; `at-once` has 64 open at once, six times.
 * Each stream reads one of the traces in the folder, and all are encoded as JSON.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { BUILT_IN } from '../src/components/builtins.js';
import { loadPipelineText } from '../src/config/load.js';
import { Diagnostics } from '../src/diagnostics/diagnostic.js';
import type { DriverHost } from '../src/drivers/driver.js';
import type { TransportComponent } from '../src/exporter/component.js';
import { OK } from '../src/exporter/transport.js';
import { Pipeline } from '../src/pipeline/pipeline.js';
import { prepareStages } from '../src/pipeline/prepare.js';
import { ContainerReader } from '../src/sysflow/container-reader.js';
import { TraceError } from '../src/sysflow/errors.js';
import { median } from './measure.js';

const SERIAL_STREAMS = 500;
const STREAMS_AT_ONCE = 64;
const ROUNDS = 6;

/** Maximum number of memory measurements, evenly spread over the streams. */
const MAX_SAMPLES = 20;

/** Time until freed memory is returned to the system, milliseconds. */
const FREEING_TIME = 50;

/** Number of streams accelerated at once, as in the program. */
const ACCELERATED = 8;

/** Discards encoded records. */
const discardTransport: TransportComponent = {
  kind: 'transport',
  name: 'discard',
  summary: 'nowhere, once encoded',
  options: {},
  create: () => ({
    target: 'nowhere',
    needs: 'bytes',
    connect: async () => OK,
    send: () => OK,
    close: async () => OK,
  }),
};

const PIPELINE = {
  pipeline: [
    { processor: 'sysflowreader', in: 'sysflow sysflowchan', out: 'flat flattenerchan' },
    { processor: 'policyengine', mode: 'bypass', in: 'flat flattenerchan', out: 'evt eventchan' },
    { processor: 'exporter', export: 'discard', in: 'evt eventchan' },
  ],
};

/** Runs work in place of a driver. */
async function runAsDriver(work: (host: DriverHost) => Promise<void>): Promise<void> {
  const settings = { components: BUILT_IN.with([discardTransport]), environment: {}, driver: null };
  const source = { path: 'pipeline.json', text: JSON.stringify(PIPELINE) };
  const tree = (await loadPipelineText(source, settings, new Diagnostics()))!;
  const fail = (message: string): void => {
    throw new Error(message);
  };
  const prepared = await prepareStages(tree.drivers[0]!.receivers, {
    diagnostics: new Diagnostics(),
    strict: false,
    resources: '',
    components: (kind) => BUILT_IN.of(kind),
  });
  const pipeline = new Pipeline({
    drivers: [{ driver: { run: work }, name: 'streams', receivers: tree.drivers[0]!.receivers }],
    prepared,
    observer: { traceRead: () => {}, unreadable: ({ message }) => fail(message), log: () => {}, fail },
    accelerated: ACCELERATED,
    stdout: new PassThrough(),
    color: false,
    version: '',
    strict: false,
    now: () => performance.now(),
  });
  await pipeline.run();
}

/**
 * Reads a trace as a separate stream that stays open until the generator ends; yields the number of records of each
 * batch.
 */
async function* openStream(host: DriverHost, trace: Buffer): AsyncGenerator<number> {
  const stream = host.openStream('memory');
  const { decoders, pool } = stream.decoding;
  const container = await ContainerReader.from([trace], 'memory', { decoders, inflate: 'inline' });
  if (container instanceof TraceError) throw container;
  for (let batch = await container.nextBatch(pool); batch !== null; batch = await container.nextBatch(pool)) {
    const records = batch.length;
    await stream.push(batch);
    stream.decoding.afterBatch();
    yield records;
  }
  await stream.close();
}

/** Does one unit of a step, such as one stream or one round of them; returns the number of records. */
type Unit = (index: number) => Promise<number>;

function stepsOf(
  host: DriverHost,
  traces: readonly Buffer[],
): Readonly<Record<string, { readonly units: number; readonly unit: Unit }>> {
  const traceOf = (index: number): Buffer => traces[index % traces.length]!;
  return {
    serial: {
      units: SERIAL_STREAMS,
      unit: async (index) => {
        let records = 0;
        for await (const more of openStream(host, traceOf(index))) records += more;
        return records;
      },
    },
    'at-once': {
      units: ROUNDS,
      unit: async () => {
        let records = 0;
        let open = Array.from({ length: STREAMS_AT_ONCE }, (_, index) => openStream(host, traceOf(index)));
        // Alternately, so that all streams are open until the first one ends.
        while (open.length > 0) {
          const going: typeof open = [];
          for (const stream of open) {
            const { done, value } = await stream.next();
            if (done === true) continue;
            records += value;
            going.push(stream);
          }
          open = going;
        }
        return records;
      },
    },
  };
}

/** Resident memory after garbage collection, MiB. */
async function residentMiB(): Promise<number> {
  globalThis.gc!();
  // Another thread returns the memory of collected buffers.
  await setTimeout(FREEING_TIME);
  return process.memoryUsage.rss() / 2 ** 20;
}

/**
 * Estimates the growth of memory from samples over time: the median of the last third minus the median of the middle
 * third. Caches and pools fill during the first third. Single samples differ by tens of MiB, since freed memory is
 * returned late.
 */
function growthOf(samples: readonly number[]): number {
  const third = Math.floor(samples.length / 3);
  return median(samples.slice(-third))! - median(samples.slice(-2 * third, -third))!;
}

async function measure(host: DriverHost, step: string, folder: string): Promise<void> {
  const traces = readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name)));
  const { units, unit } = stepsOf(host, traces)[step]!;
  const sampleEvery = Math.ceil(units / MAX_SAMPLES);
  const samples: number[] = [];
  const start = performance.now();
  let records = 0;
  for (let index = 0; index < units; index++) {
    records += await unit(index);
    if ((index + 1) % sampleEvery === 0) samples.push(await residentMiB());
  }
  const seconds = (performance.now() - start) / 1000;
  process.stdout.write(`${JSON.stringify({ records, seconds, grown: growthOf(samples) })}\n`);
}

await runAsDriver((host) => measure(host, process.argv[2]!, process.argv[3]!));
