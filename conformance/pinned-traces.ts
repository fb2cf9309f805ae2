import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ContainerReader } from '../src/sysflow/container-reader.js';
import { TraceError } from '../src/sysflow/errors.js';
import { opFlagNames } from '../src/sysflow/op-flags.js';
import { RecordBatchPool } from '../src/sysflow/record-batch.js';
import { RECORD_KIND_NAMES } from '../src/sysflow/record-types.js';
import { recordAt } from '../src/sysflow/trace-record.js';
import type { Outcome } from './check.js';

/**
 * Content of a trace: the number of records by kind, their operations, and the first and last timestamp of an event or
 * flow.
 */
interface Pinned {
  /** Path in the folder of reference data. */
  readonly path: string;
  readonly records: string;
  /** Number of events and flows by operation. */
  readonly operations: string;
  readonly first: bigint;
  readonly last: bigint;
}

/**
 * The traces with schemas from 2018 on. The original fails on the oldest ones, so each of their records was reviewed
 * once: the operations of flows and process events are plausible for their ports, counters and programs.
 */
export const PINNED_TRACES: readonly Pinned[] = [
  {
    path: 'traces/1621959914',
    records:
      'Container 1, File 2905, FileEvent 83, FileFlow 5609, NetworkFlow 3, Process 68, ProcessEvent 127, SFHeader 1',
    operations:
      'ACCEPT 7, CLONE 78, CLOSE 5386, CONNECT 6, EXEC 23, EXIT 26, LINK 4, OPEN 5244, READ 2727, RECV 2, RENAME 6, SEND 2, TRUNCATE 226, UNLINK 73, WRITE 189',
    first: 1_621_959_914_046_266_385n,
    last: 1_621_959_923_155_885_975n,
  },
  {
    path: 'traces/httpd.sf',
    records: 'Container 1, File 4, FileFlow 4, NetworkFlow 1, Process 5, SFHeader 1',
    operations: 'ACCEPT 1, CLOSE 3, MMAP 1, OPEN 2, READ 2, RECV 1, SEND 1, SHUTDOWN 1, TRUNCATE 2, WRITE 1',
    first: 1_604_071_235_203_888_327n,
    last: 1_604_071_235_205_452_993n,
  },
  {
    path: 'traces/k8s_small.sf',
    records:
      'Container 23, File 666, FileEvent 8, FileFlow 3383, K8sEvent 4, NetworkFlow 1511, Pod 19, Process 217, ProcessEvent 341, SFHeader 1',
    operations:
      'ACCEPT 196, CLONE 146, CLOSE 3447, CONNECT 132, EXEC 79, EXIT 97, OPEN 2676, READ 2621, RECV 1114, RENAME 7, SEND 1014, SETUID 19, SHUTDOWN 41, TRUNCATE 458, UNLINK 1, WRITE 238',
    first: 1_647_544_426_008_264_628n,
    last: 1_647_544_514_971_068_540n,
  },
  {
    path: 'traces/mon.1531776682.sf',
    records: 'Container 1, File 873, FileFlow 17904, NetworkFlow 314, Process 255, ProcessEvent 537, SFHeader 1',
    operations:
      'ACCEPT 19, CLONE 268, CLOSE 18156, CONNECT 333, EXEC 133, EXIT 136, OPEN 17324, READ 8889, RECV 314, SEND 78, TRUNCATE 62, WRITE 80',
    first: 1_531_776_682_020_679_146n,
    last: 1_531_776_708_614_913_055n,
  },
  {
    path: 'traces/mon.1531776712.sf',
    records:
      'Container 1, File 926, FileEvent 3, FileFlow 6002, NetworkFlow 86, Process 143, ProcessEvent 234, SFHeader 1',
    operations:
      'ACCEPT 6, CLONE 120, CLOSE 6009, CONNECT 94, EXEC 67, EXIT 47, OPEN 5786, READ 3018, RECV 86, SEND 30, TRUNCATE 79, UNLINK 3, WRITE 40',
    first: 1_531_776_712_366_997_638n,
    last: 1_531_776_738_150_263_371n,
  },
  {
    path: 'traces/mon.1531776742.sf',
    records:
      'Container 1, File 2065, FileEvent 158, FileFlow 18893, NetworkFlow 486, Process 247, ProcessEvent 488, SFHeader 1',
    operations:
      'ACCEPT 17, CLONE 246, CLOSE 19222, CONNECT 505, EXEC 121, EXIT 121, MKDIR 83, OPEN 18378, READ 9087, RECV 397, RENAME 75, SEND 93, TRUNCATE 157, WRITE 537',
    first: 1_531_776_743_136_997_744n,
    last: 1_531_776_771_999_552_918n,
  },
  {
    path: 'traces/shellshock.sf',
    records: 'Container 1, File 19, FileFlow 47, Process 13, ProcessEvent 9, SFHeader 1',
    operations:
      'ACCEPT 1, CLONE 4, CLOSE 45, CONNECT 4, EXEC 3, EXIT 2, MMAP 17, OPEN 22, READ 19, SHUTDOWN 1, TRUNCATE 2, WRITE 6',
    first: 1_669_702_299_664_563_847n,
    last: 1_669_702_299_678_633_552n,
  },
  {
    path: 'traces/tcp.sf',
    records: 'File 2, FileFlow 4, NetworkFlow 2, Process 10, ProcessEvent 4, SFHeader 1',
    operations: 'ACCEPT 1, CLOSE 4, CONNECT 1, EXEC 2, EXIT 2, OPEN 4, READ 2, RECV 2, SEND 2, TRUNCATE 2',
    first: 1_553_543_280_704_111_050n,
    last: 1_553_543_293_422_794_962n,
  },
  {
    path: 'traces-old/mon.1544763289',
    records: 'Container 17, NetworkFlow 512, Process 122, ProcessEvent 180, SFHeader 1',
    operations: 'ACCEPT 62, CLONE 94, CLOSE 281, CONNECT 127, EXEC 25, EXIT 61, RECV 474, SEND 482, TRUNCATE 231',
    first: 1_544_763_289_006_696_734n,
    last: 1_544_763_318_999_286_093n,
  },
  {
    path: 'traces-old/mon.1548965896',
    records: 'Container 3, Process 90, ProcessEvent 143, SFHeader 1',
    operations: 'CLONE 66, EXEC 28, EXIT 49',
    first: 1_548_965_898_067_627_711n,
    last: 1_548_965_925_969_776_878n,
  },
  {
    path: 'traces-old/tcpclientserver',
    records: 'NetworkFlow 2, Process 10, ProcessEvent 4, SFHeader 1',
    operations: 'ACCEPT 1, CONNECT 1, EXEC 2, EXIT 2, RECV 2, SEND 2, TRUNCATE 2',
    first: 1_553_543_280_704_111_050n,
    last: 1_553_543_293_422_794_962n,
  },
];

/** Checks that a trace reads without damage and with the pinned content. */
export async function checkPinned(folder: string, pinned: Pinned): Promise<Outcome> {
  const outcome = { trace: pinned.path, name: 'records', policy: null, skipped: null, failure: null };
  const found = await census(join(folder, pinned.path));
  const failure = Object.entries(found)
    .filter(([key, value]) => value !== pinned[key as keyof Pinned])
    .map(([key, value]) => `${pinned.path}: ${key} are ${value}, and were ${pinned[key as keyof Pinned]}`)
    .join('\n');
  return { ...outcome, failure: failure === '' ? null : failure, lines: 0, differences: [] };
}

/** Returns the pinned traces that exist. */
export function pinnedTraces(folder: string): readonly Pinned[] {
  return PINNED_TRACES.filter(({ path }) => existsSync(join(folder, path)));
}

async function census(path: string): Promise<Omit<Pinned, 'path'> | { readonly records: string }> {
  const reader = await ContainerReader.open(path);
  if (reader instanceof TraceError) return { records: `unreadable: ${reader.message}` };
  const kinds = new Tally();
  const operations = new Tally();
  let first = 2n ** 63n;
  let last = -1n;
  for await (const batch of reader.batches(new RecordBatchPool())) {
    for (let row = 0; row < batch.length; row++) {
      kinds.count(RECORD_KIND_NAMES[batch.kinds[row]!]!);
      const record = recordAt(batch, row);
      if (!('process' in record)) continue;
      for (const name of opFlagNames(record.opFlags, 'sip' in record)) operations.count(name);
      if (record.ts < first) first = record.ts;
      if (record.ts > last) last = record.ts;
    }
    batch.release();
  }
  if (reader.damage.length > 0) return { records: `damaged: ${JSON.stringify(reader.damage)}` };
  return { records: kinds.text, operations: operations.text, first, last };
}

class Tally {
  readonly #counts = new Map<string, number>();

  count(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** Formats `NAME COUNT, …`, sorted by name. */
  get text(): string {
    return [...this.#counts]
      .map(([name, count]) => `${name} ${count}`)
      .sort()
      .join(', ');
  }
}
