/** Iterates the alerts that policies raise on traces. */
import type { ProcessorComponent } from '../components/processor.js';
import type { TraceSummary } from '../drivers/driver.js';
import { appendWhole, ByteBuffer, LARGEST_BUFFER } from '../exporter/byte-buffer.js';
import { createJsonEncoder } from '../exporter/encoders/json.js';
import { Pipeline, WITHOUT_EXPORTER } from '../pipeline/pipeline.js';
import { type StageNode, stagePlan } from '../pipeline/tree.js';
import type { Action, ActionComponent } from '../policy/actions/action.js';
import { policyEngine } from '../policy/component.js';
import type { PreparedPolicy } from '../policy/engine-stage.js';
import { sysflowReader } from '../reader/component.js';
import { flattenerHandler } from '../reader/flattener.js';
import type { FlatBatch } from '../records/flat-batch.js';
import { FlatRecord } from '../records/flat-record.js';
import type { MatchedRule } from '../records/record-context.js';
import type { LogEvent } from '../telemetry/logger.js';
import { type JsonObject, parseExactJson } from './exact-json.js';
import { Handover } from './handover.js';
import { loadedOf, type Policies } from './load-policies.js';
import type { Trace } from './open-trace.js';
import { TraceDriver } from './trace-driver.js';
import { UnreadableTraceError } from './unreadable-trace-error.js';

/** A record that rules matched. It does not change later. */
export interface Alert {
  /** The start of the record in nanoseconds since the epoch. */
  readonly time: bigint;
  /** The rules that matched, in load order. */
  readonly rules: readonly MatchedRule[];
  /** Tags that actions added. */
  readonly tags: readonly string[];
  /** Notes of actions, by name. */
  readonly findings: ReadonlyMap<string, string>;
  /** The record in the `json` format, without a newline. */
  readonly json: string;
  /** The record as an object; {@link parseExactJson} reads it from `json` at first use. */
  readonly record: JsonObject;
}

export interface AlertOptions {
  /** The actions that rules may name. */
  readonly actions?: readonly Action[];
  /** Called with the messages that the processor would log: skipped files, failed actions. */
  readonly log?: (level: LogEvent, message: string) => void;
  /** Called after each trace, with its statistics and damage. */
  readonly traceRead?: (summary: TraceSummary) => void;
}

/**
 * Iterates the alerts that policies raise on traces, in the order of the records. Traces are read in sequence as one stream, which
 * keeps its entities, and only as far as the loop goes. Leaving the loop closes them.
 *
 * @param traces open traces, or paths of files and folders
 * @throws UnreadableTraceError for a path that cannot be read; files of a folder that are not traces are skipped
 */
export async function* alerts(
  traces: string | Trace | readonly (string | Trace)[],
  policies: Policies,
  options: AlertOptions = {},
): AsyncGenerator<Alert, void, undefined> {
  const { log = () => {}, traceRead = () => {} } = options;
  const found = new Handover<readonly Alert[]>();
  const engine = stagePlan(policyEngine, { mode: 'alert' });
  const reader = stagePlan(sysflowReader, {}, { handler: flattenerHandler });
  const collect: StageNode = { stage: stagePlan(collector(found)), receivers: [] };
  let failure: Error | null = null;
  const pipeline = new Pipeline({
    drivers: [
      {
        driver: new TraceDriver(isList(traces) ? traces : [traces]),
        name: 'traces',
        receivers: [{ stage: reader, receivers: [{ stage: engine, receivers: [collect] }] }],
      },
    ],
    prepared: new Map([[engine, { value: enginePolicy(policies, options), files: [], refused: false, notes: [] }]]),
    observer: {
      traceRead,
      unreadable: (error, skipped) => {
        if (skipped) log('warn', `${error.path}: ${error.message}; skipped`);
        else failure ??= new UnreadableTraceError(error);
      },
      log,
      fail: (message) => {
        failure ??= new Error(message);
      },
    },
    now: () => performance.now(),
    ...WITHOUT_EXPORTER,
  });
  const running = pipeline.run().finally(() => found.close());
  try {
    for await (const batch of found.items()) yield* batch;
  } finally {
    found.close();
    pipeline.stop();
    await running;
  }
  if (failure !== null) throw failure;
}

function isList(traces: string | Trace | readonly (string | Trace)[]): traces is readonly (string | Trace)[] {
  return Array.isArray(traces);
}

/** The environment for preparing a policy engine. */
function enginePolicy(policies: Policies, { actions = [] }: AlertOptions): PreparedPolicy {
  const { policy, sources, unresolved } = loadedOf(policies);
  return {
    loaded: {
      policy,
      actions: new Map(actions.map((action) => [action.name, componentOf(action)])),
      sources,
      actiondir: '',
      unresolved: { ...unresolved, errors: 0 },
    },
    components: { languages: [], actions: [] },
  };
}

function componentOf(action: Action): ActionComponent {
  return { kind: 'action', name: action.name, summary: '', options: {}, run: action.run.bind(action) };
}

/** The last stage: turns records into alerts and passes them to the loop. */
function collector(found: Handover<readonly Alert[]>): ProcessorComponent {
  return {
    kind: 'processor',
    name: 'collector',
    summary: 'Hands alerts to a loop',
    in: 'eventchan',
    out: null,
    options: {},
    create: (_options, { fail }) => {
      const records = new AlertRecords(fail);
      return {
        push(batch: FlatBatch) {
          const list = records.of(batch);
          batch.release();
          return list.length === 0 ? undefined : found.put(list);
        },
        end: async () => {},
      };
    },
  };
}

class AlertRecords {
  readonly #encoder = createJsonEncoder();
  readonly #out = new ByteBuffer(1 << 16);
  readonly #record = new FlatRecord();
  readonly #fail: (message: string) => void;

  constructor(fail: (message: string) => void) {
    this.#fail = fail;
  }

  of(batch: FlatBatch): readonly Alert[] {
    const list: Alert[] = [];
    for (let i = 0; i < batch.count; i++) {
      const record = this.#record.moveTo(batch, batch.rows[i]!);
      this.#out.clear();
      if (appendWhole(this.#out, (out) => this.#encoder.encode(record, out))) {
        list.push(new RecordAlert(record, this.#out.written.toString('utf8')));
      } else this.#fail(`a record larger than ${LARGEST_BUFFER >> 20} MiB as text is left out`);
    }
    return list;
  }
}

class RecordAlert implements Alert {
  readonly time: bigint;
  readonly rules: readonly MatchedRule[];
  readonly tags: readonly string[];
  readonly findings: ReadonlyMap<string, string>;
  readonly json: string;
  #record: JsonObject | null = null;

  /** @param record a view that is valid only during the call */
  constructor({ ts, context }: FlatRecord, json: string) {
    this.time = ts;
    this.rules = context?.rules ?? [];
    this.tags = context?.tags ?? [];
    this.findings = context?.findings ?? new Map();
    this.json = json;
  }

  get record(): JsonObject {
    this.#record ??= parseExactJson(this.json) as JsonObject;
    return this.#record;
  }
}
