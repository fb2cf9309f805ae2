import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LossReasons } from '../../src/exporter/delivery/statistics.js';
import { type Delivered, PipelineReport } from '../../src/pipeline/report.js';
import { emptyStatistics } from '../../src/sysflow/container-reader.js';
import { TraceError } from '../../src/sysflow/errors.js';
import { Logger } from '../../src/telemetry/logger.js';

/** What is told of a pipeline in which everything happened so many times. */
function toldOf(count: number): string[] {
  const lines: string[] = [];
  const logger = new Logger(
    'trace',
    (line) => lines.push(line.replace(/^(\[\w+\]) \S+ \S+ (.*)\n$/, '$1 $2')),
    () => 0,
  );
  const report = new PipelineReport(logger, () => 0, false);
  report.file({
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
  const counts = { records: 0, bytes: 0, retried: 0, rejected: 0, dropped: 0, unread: 0 };
  const reasons = new LossReasons();
  reasons.add('the disk failed', count);
  const output: Delivered = { name: 'file (a.out)', statistics: { ...counts, lost: count }, reasons };
  const tables = {
    unknownProcess: count,
    unknownFile: count,
    unknownContainer: count,
    unknownPod: count,
    evictedProcesses: count,
    evictedFiles: count,
    evictedContainers: count,
    evictedPods: count,
  };
  const engine = { records: count, dropped: 0, matched: count, passed: count };
  report.finish(
    [
      {
        readers: [{ records: new Float64Array(), tables, suppressed: 0, passed: count }],
        engines: [{ ...engine, rules: [{ name: 'r', matched: count }], actions: { runs: 0, failures: 0, slow: 0 } }],
        exported: [count],
      },
    ],
    [output],
    null,
  );
  return lines;
}

test('what happened once is told in the singular', () => {
  assert.deepEqual(toldOf(1), [
    '[Trace] a.sf: 1 record',
    '[Warn] a.sf: damaged (record, 1 time, first at byte 9); 1 record and 1 byte lost',
    '[Warn] a.sf: 1 record of an unknown kind was skipped',
    '[Warn] 1 record with a process that was never announced',
    '[Warn] 1 record with a file that was never announced',
    '[Warn] 1 record with a container that was never announced',
    '[Warn] 1 record with a pod that was never announced',
    '[Warn] 1 process was forgotten to stay within the limit',
    '[Warn] 1 file was forgotten to stay within the limit',
    '[Warn] 1 container was forgotten to stay within the limit',
    '[Warn] 1 pod was forgotten to stay within the limit',
    '[Error] 1 record could not be written and is lost',
    '[Trace] file (a.out): 1 lost: the disk failed',
    "[Trace] rule 'r' matched 1 record",
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
      report.file({ path, statistics: { ...emptyStatistics(), records }, damage: [], whole });
    }
    report.unreadable(new TraceError('not-avro', 'is no trace', 'x.txt'), false);
    report.finish([], [], files);
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
  const told = toldOf(2000);
  for (const line of [
    '[Warn] a.sf: damaged (record, 2000 times, first at byte 9); 2000 records and 2000 bytes lost',
    '[Warn] a.sf: 2000 records of unknown kinds were skipped',
    '[Warn] 2000 records with a pod that was never announced',
    '[Warn] 2000 processes were forgotten to stay within the limit',
    '[Error] 2000 records could not be written and are lost',
    '[Info] Done: 1 file, 2000 records, 2000 events, 0 exported in 0.00 s',
  ]) {
    assert.ok(told.includes(line), line);
  }
});

test('what was refused, and what was dropped since a queue was full, was told of no output by its name', () => {
  const lines: string[] = [];
  const logger = new Logger(
    'info',
    (line) => lines.push(line.replace(/^(\[\w+\]) \S+ \S+ (.*)\n$/, '$1 $2')),
    () => 0,
  );
  const report = new PipelineReport(logger, () => 0, false);
  const counts = { records: 5, bytes: 0, retried: 0, lost: 0, unread: 0 };
  const [first, second] = [new LossReasons(), new LossReasons()];
  first.add('no such index', 1);
  second.add('the queue was full', 1000);
  report.finish(
    [{ readers: [], engines: [], exported: [6, 1005] }],
    [
      { name: 'search (http://a)', statistics: { ...counts, rejected: 1, dropped: 0 }, reasons: first },
      { name: 'file (b.out)', statistics: { ...counts, rejected: 0, dropped: 1000 }, reasons: second },
    ],
    null,
  );
  assert.ok(report.failed);
  assert.deepEqual(lines, [
    '[Error] search (http://a): 1 record was refused',
    '[Error] file (b.out): 1000 records were dropped, since the queue was full',
    '[Info] Done: 0 files, 0 records, 0 events, 10 exported in 0.00 s',
  ]);
});
