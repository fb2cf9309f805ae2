/** Writes profiles in V8's own formats, which Chrome DevTools can open. */
import { writeFileSync } from 'node:fs';
import { systemReason } from '../diagnostics/system-reason.js';

/** Paths of the profiles; null for a profile that is not requested. */
export interface ProfileRequest {
  readonly cpu: string | null;
  readonly memory: string | null;
  readonly trace: string | null;
}

/** Categories of a runtime trace: V8 itself, garbage collection, and the event loop. */
const TRACE_CATEGORIES = ['v8', 'node', 'node.async_hooks'];

/** Stops the profiles and writes their files. Returns a sentence for each file that could not be written. */
export type StopProfiles = () => Promise<readonly string[]>;

/** Starts profiling this thread. */
export async function startProfiles({ cpu, memory, trace }: ProfileRequest): Promise<StopProfiles> {
  if (cpu === null && memory === null && trace === null) return async () => [];
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
    const problems: (string | null)[] = [];
    if (cpu !== null) problems.push(save(cpu, (await session.post('Profiler.stop')).profile));
    if (memory !== null) {
      problems.push(save(memory, (await session.post('HeapProfiler.stopSampling')).profile));
    }
    if (trace !== null) {
      const complete = new Promise((resolve) => session.once('NodeTracing.tracingComplete', resolve));
      await session.post('NodeTracing.stop');
      await complete;
      problems.push(save(trace, { traceEvents: events }));
    }
    session.disconnect();
    return problems.filter((problem) => problem !== null);
  };
}

function save(path: string, profile: unknown): string | null {
  try {
    writeFileSync(path, JSON.stringify(profile));
    return null;
  } catch (error) {
    return `${path}: the profile cannot be written: ${systemReason(error, 'no such folder')}`;
  }
}
