/** The work of `sfprocessor alert`. What one format needs is loaded only for it: the first alert shall not wait. */
import { hasUnreadTraces, readTraces } from '../../authoring/read-traces.js';
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
import { PieceWriter } from '../piece-writer.js';
import { policyPaths } from '../policy-option.js';
import { resourcePath } from '../resources.js';
import { printsIntoTrace, readingOf } from '../trace-files.js';

/** @returns 0, 1 where something in the rules or actions is wrong, or 3 where a trace cannot be read or an alert is left out */
export async function runAlert(options: ParsedOptions, io: CommandIo): Promise<number> {
  if (printsIntoTrace(options.words, 'alert', io)) return 1;
  const { policy, hasErrors: rulesHaveErrors } = await loadCommandPolicy(policyPaths(options), io);
  if (rulesHaveErrors && policy.rules.length === 0) return 1;
  const folder = options.values.get('actiondir') ?? resourcePath('actions');
  const { actions, hasErrors: actionsHaveErrors } = await loadCommandActions(policy, folder, io);
  const hasErrors = rulesHaveErrors || actionsHaveErrors;
  if (hasErrors && options.flags.has('strict')) return 1;
  if (hasErrors) io.note(1);
  const encoder = await encoderOf(options.values.get('format') ?? 'text', io.color);
  const out = new PieceWriter(io);
  const engine = engineOf(policy, actions, new Printer(encoder, out), io);
  const report = await readTraces(options.words, engine, readingOf(io));
  const isWhole = await out.end();
  const { summarizeAlerts, summarizeTraces } = await import('../../authoring/summary.js');
  const summary = options.flags.has('quiet') ? [] : summarizeAlerts(policy, engine.counters(), report);
  for (const line of [...summary, ...summarizeTraces(report)]) io.err(line);
  if (!isWhole || hasUnreadTraces(report)) return 3;
  return hasErrors ? 1 : 0;
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

/** Prints records as they come. */
class Printer implements Receiver<FlatBatch> {
  readonly #encoder: Encoder;
  readonly #out: PieceWriter;
  readonly #record = new FlatRecord();

  constructor(encoder: Encoder, out: PieceWriter) {
    this.#encoder = encoder;
    this.#out = out;
  }

  async push(batch: FlatBatch): Promise<void> {
    for (let i = 0; i < batch.count; i++) {
      const record = this.#record.moveTo(batch, batch.rows[i]!);
      const busy = this.#out.add((out) => {
        this.#encoder.encode(record, out);
        out.append(NEWLINE);
      });
      if (busy !== undefined) await busy;
    }
    batch.release();
    await this.#out.write();
  }

  async end(): Promise<void> {}
}

const NEWLINE = Uint8Array.of(10);
