import { TraceError } from '../sysflow/errors.js';
import type { BuiltInDriverEnvironment, Driver, DriverComponent } from './driver.js';
import { FileDriver } from './file.js';
import { type InflaterThread, startInflaterThread } from './inflater-thread.js';
import { findTraces, type TraceFiles, tracesOf } from './trace-files.js';

/** Smallest input in bytes for which a thread saves more time than starting it costs. */
const THREAD_BYTES = 2 << 20;

/** Largest first file in bytes that the main thread reads itself, while the inflater thread starts. */
const FIRST_BYTES = 1 << 20;

export const fileDriver: DriverComponent<unknown, BuiltInDriverEnvironment> = {
  kind: 'driver',
  name: 'file',
  summary: 'a trace, or the traces of a folder in the order of their names',
  options: {},
  create(_options, environment) {
    const { path, now, stdin } = environment;
    const found = findTraces(path);
    if (found instanceof TraceError) return missing(found);
    return new FileDriver({
      name: path,
      traces: tracesOf(found),
      inflater: inflaterFor(found, environment),
      now,
      ...(stdin === undefined ? {} : { stdin }),
    });
  },
};

/** Starts the inflater thread for large input, so that it loads while the policies are parsed. */
function inflaterFor(
  { paths, sizes }: TraceFiles,
  { threads, inflaterEntry }: BuiltInDriverEnvironment,
): InflaterThread | null {
  if (threads < 2 || sizes.reduce((sum, size) => sum + size, 0) < THREAD_BYTES) return null;
  return startInflaterThread(inflaterEntry, paths.slice(sizes[0]! <= FIRST_BYTES ? 1 : 0));
}

/** Creates a driver that only reports that its path cannot be read. */
function missing(error: TraceError): Driver {
  return {
    start(reporter) {
      reporter.unreadable(error, false);
      return false;
    },
    run: async () => {},
  };
}
