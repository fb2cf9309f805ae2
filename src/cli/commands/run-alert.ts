/** The work of `sfprocessor alert`. What one format needs is loaded only for it: the first alert shall not wait. */
import { readTraces } from '../../authoring/read-traces.js';
import { ByteBuffer } from '../../exporter/byte-buffer.js';
import type { Encoder } from '../../exporter/encoder.js';
import { createPolicyEngine, type PolicyEngine } from '../../policy/engine/policy-engine.js';
import type { Policy } from '../../policy/model/policy.js';
import type { FlatBatch } from '../../records/flat-batch.js';
import { FlatRecord } from '../../records/flat-record.js';
import type { Receiver } from '../../records/receiver.js';
import type { CommandIo } from '../command.js';
import { type CommandActions, loadCommandActions } from '../load-actions.js';
import { loadCommandPolicy } from '../load-policy.js';
import type { ParsedOptions } from '../options.js';
import { policyPaths } from '../policy-option.js';
import { resourcePath } from '../resources.js';
import { readingOf } from '../trace-files.js';

/** @returns 0, or 1 where something in the rules or actions is wrong, or a trace cannot be read */
export async function runAlert(options: ParsedOptions, io: CommandIo): Promise<number> {
  const { policy, hasErrors: rulesHaveErrors } = await loadCommandPolicy(policyPaths(options), io);
  if (rulesHaveErrors && policy.rules.length === 0) return 1;
  const folder = options.values.get('actiondir') ?? resourcePath('actions');
  const { actions, hasErrors: actionsHaveErrors } = await loadCommandActions(policy, folder, io);
  const hasErrors = rulesHaveErrors || actionsHaveErrors;
  if (hasErrors && options.flags.has('strict')) return 1;
  if (hasErrors) io.note(1);
  const format = options.values.get('format') ?? 'text';
  const write = (text: string): void => (format === 'text' ? io.print(text) : io.out(text));
  const engine = engineOf(policy, actions, new Printer(await encoderOf(format, io.color), write), io);
  const report = await readTraces(options.words, engine, readingOf(io, 1));
  const { summarizeAlerts, summarizeTraces } = await import('../../authoring/summary.js');
  const summary = options.flags.has('quiet') ? [] : summarizeAlerts(policy, engine.counters(), report);
  for (const line of [...summary, ...summarizeTraces(report)]) io.err(line);
  return hasErrors || report.problems.some(({ severity }) => severity === 'error') ? 1 : 0;
}

async function encoderOf(format: string, color: boolean): Promise<Encoder> {
  switch (format) {
    case 'json':
      return (await import('../../exporter/encoders/json.js')).createJsonEncoder();
    case 'ecs': {
      const { createEcsEncoder } = await import('../../exporter/encoders/ecs.js');
      return createEcsEncoder((await import('../version.js')).VERSION);
    }
    default:
      return (await import('../../exporter/encoders/text.js')).createTextEncoder(color);
  }
}

/** The engine in alert mode. */
function engineOf(
  policy: Policy,
  actions: CommandActions['actions'],
  receiver: Receiver<FlatBatch>,
  io: CommandIo,
): PolicyEngine {
  return createPolicyEngine(
    {
      mode: 'alert',
      actions,
      now: () => performance.now(),
      onActionProblem: ({ kind, action, rule, message }) =>
        io.err(`action '${action}' of rule '${rule}' ${kind === 'slow' ? 'was slow' : `failed: ${message}`}\n`),
    },
    policy,
    receiver,
  );
}

/** Prints records as they come, a batch at once. */
class Printer implements Receiver<FlatBatch> {
  readonly #encoder: Encoder;
  readonly #write: (text: string) => void;
  readonly #record = new FlatRecord();
  readonly #buffer = new ByteBuffer(16 * 1024);

  constructor(encoder: Encoder, write: (text: string) => void) {
    this.#encoder = encoder;
    this.#write = write;
  }

  push(batch: FlatBatch): undefined {
    const buffer = this.#buffer;
    buffer.length = 0;
    for (let i = 0; i < batch.count; i++) {
      this.#encoder.encode(this.#record.moveTo(batch, batch.rows[i]!), buffer);
      buffer.append(NEWLINE);
    }
    batch.release();
    this.#write(Buffer.from(buffer.bytes.buffer, 0, buffer.length).toString());
    return undefined;
  }

  async end(): Promise<void> {}
}

const NEWLINE = Uint8Array.of(10);
