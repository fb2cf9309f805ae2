import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StageCount } from '../../src/components/processor.js';
import { PipelineReport } from '../../src/pipeline/report.js';
import { emptyStatistics } from '../../src/sysflow/container-reader.js';
import { TraceError } from '../../src/sysflow/errors.js';
import { Logger } from '../../src/telemetry/logger.js';

/** What is told of a pipeline in which everything happened so many times. */
function loggedLines(count: number): string[] {
  const lines: string[] = [];
  const logger = new Logger(
    'trace',
    (line) => lines.push(line.replace(/^(\[\w+\]) \S+ \S+ (.*)\n$/, '$1 $2')),
    () => 0,
  );
  const report = new PipelineReport(logger, () => 0, false);
  report.traceRead({
    path: 'a.sf',
    statistics: {
      bytes: count,
      blocks: count,
      records: count,
      unknownRecords: count,
      appendedTraces: 0,
      appendedAt: null,
    },
    damage: [{ kind: 'record', times: count, records: count, bytes: count, firstOffset: 9, detail: '' }],
    whole: true,
  });
  const counts: StageCount[] = [
    { name: 'missing', value: count, level: 'warn', describe: (value) => `missing ${value}` },
    { name: 'rule', value: count, level: 'detail', describe: (value) => `rule ${value}` },
    { name: 'none', value: 0, level: 'warn', describe: () => 'none' },
  ];
  report.finish([{ events: count, counts }, { counts: counts.slice(0, 1) }, { lost: count, exported: 0 }], null, false);
  return lines;
}

test('what happened once is told in the singular', () => {
  assert.deepEqual(loggedLines(1), [
    '[Trace] a.sf: 1 record',
    '[Warn] a.sf: damaged (record, 1 time, first at byte 9); 1 record and 1 byte lost',
    '[Warn] a.sf: 1 record of an unknown kind was skipped',
    '[Warn] missing 2',
    '[Error] 1 record could not be written and is lost',
    '[Trace] rule 1',
    '[Info] Done: 1 file, 1 record, 1 event, 0 exported in 0.00 s',
  ]);
});

test('files that were not read since the run was stopped were passed over in silence', () => {
  const lines: string[] = [];
  const logger = new Logger(
    'health',
    (line) => lines.push(line.replace(/^(\[\w+\]) \S+ \S+ (.*)\n$/, '$1 $2')),
    () => 0,
  );
  const stoppedAfter = (read: readonly [path: string, records: number, whole: boolean][], files: number): void => {
    const report = new PipelineReport(logger, () => 0, false);
    for (const [path, records, whole] of read) {
      report.traceRead({ path, statistics: { ...emptyStatistics(), records }, damage: [], whole });
    }
    report.unreadable(new TraceError('not-avro', 'is no trace', 'x.txt'), true);
    report.finish([], files, false);
  };
  stoppedAfter([['a.sf', 1, true]], 40);
  stoppedAfter(
    [
      ['a.sf', 1, true],
      ['b.sf', 1, false],
      ['c.sf', 0, false],
    ],
    3,
  );
  stoppedAfter([['a.sf', 1, false]], 2);
  stoppedAfter([['a.sf', 1, true]], 2);
  assert.deepEqual(lines, [
    '[Health] stopped: 38 of 40 files not read',
    '[Health] stopped: b.sf read in part',
    '[Health] stopped: a.sf read in part',
  ]);
});

test('what happened more often is told in the plural, in plain digits', () => {
  const told = loggedLines(2000);
  for (const line of [
    '[Warn] a.sf: damaged (record, 2000 times, first at byte 9); 2000 records and 2000 bytes lost',
    '[Warn] a.sf: 2000 records of unknown kinds were skipped',
    '[Warn] missing 4000',
    '[Error] 2000 records could not be written and are lost',
    '[Info] Done: 1 file, 2000 records, 2000 events, 0 exported in 0.00 s',
  ]) {
    assert.ok(told.includes(line), line);
  }
});
