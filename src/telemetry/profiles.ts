/** Profiles in V8's own formats, which Chrome DevTools opens. */
import { writeFileSync } from 'node:fs';

/** Where profiles go; null where none is wanted. */
export interface ProfileRequest {
  readonly cpu: string | null;
  readonly memory: string | null;
  readonly trace: string | null;
}

/** Categories of a runtime trace: the interpreter's own work, garbage collection, and the event loop. */
const TRACE_CATEGORIES = ['v8', 'node', 'node.async_hooks'];

/** Starts profiles of this thread; gives a function that ends them and writes their files. */
export async function startProfiles({ cpu, memory, trace }: ProfileRequest): Promise<() => Promise<void>> {
  if (cpu === null && memory === null && trace === null) return async () => {};
  const { Session } = await import('node:inspector/promises');
  const session = new Session();
  session.connect();
  if (cpu !== null) {
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
  }
  if (memory !== null) await session.post('HeapProfiler.startSampling', { samplingInterval: 32768 });
  const events: unknown[] = [];
  if (trace !== null) {
    session.on('NodeTracing.dataCollected', ({ params }) => events.push(...params.value));
    await session.post('NodeTracing.start', { traceConfig: { includedCategories: TRACE_CATEGORIES } });
  }
  return async () => {
    if (cpu !== null) save(cpu, (await session.post('Profiler.stop')).profile);
    if (memory !== null) save(memory, (await session.post('HeapProfiler.stopSampling')).profile);
    if (trace !== null) {
      const complete = new Promise((resolve) => session.once('NodeTracing.tracingComplete', resolve));
      await session.post('NodeTracing.stop');
      await complete;
      save(trace, { traceEvents: events });
    }
    session.disconnect();
  };
}

function save(path: string, profile: unknown): void {
  writeFileSync(path, JSON.stringify(profile));
}
