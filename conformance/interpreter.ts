import { join } from 'node:path';
import { readTraces } from '../src/authoring/read-traces.js';
import { expandTraces } from '../src/drivers/trace-files.js';
import { evaluateCondition } from '../src/policy/engine/interpreter.js';
import { allocateMatcherSlots, Matcher } from '../src/policy/engine/matcher.js';
import { nodeFileSystem } from '../src/policy/files/node-file-system.js';
import { loadPolicies } from '../src/policy/load-policies.js';
import type { FlatBatch } from '../src/records/flat-batch.js';
import { FlatRecord } from '../src/records/flat-record.js';
import type { Outcome } from './check.js';

/**
 * Compares the compiled engine with the interpreter for each record of a trace and each rule.
 *
 * @param probes a file below `policies/probes`
 */
export async function checkInterpreter(folder: string, probes: string, trace: string): Promise<Outcome> {
  const { policy } = await loadPolicies([join(folder, 'policies/probes', probes)], nodeFileSystem);
  const matcher = new Matcher(policy, { actions: new Map(), slots: allocateMatcherSlots() });
  const record = new FlatRecord();
  let records = 0;
  let failure: string | null = null;
  const { problems } = await readTraces(expandTraces([join(folder, 'traces', trace)]), [
    () => ({
      push(batch: FlatBatch): undefined {
        for (const row of batch.rows.subarray(0, batch.count)) {
          record.moveTo(batch, row);
          const held = policy.rules.flatMap(({ condition }, i) => (evaluateCondition(condition, record) ? [i] : []));
          const { rules } = matcher.match(batch, row);
          if (held.join() !== rules.join()) {
            const differs = policy.rules.find((_, i) => held.includes(i) !== rules.includes(i))!;
            failure ??= `${probes}: the engine and the interpreter differ on record ${records} of ${trace} in '${differs.name}'`;
          }
          records++;
        }
        batch.release();
      },
      end: () => Promise.resolve(),
    }),
  ]);
  for (const { path, message } of problems) failure ??= `${path} ${message}`;
  return { trace, name: 'interpreter', policy: null, skipped: null, failure, lines: records, differences: [] };
}
