/** Options that select records: by time, process and container. */
import type { RecordSelection, TimeRange } from '../authoring/record-selection.js';
import type { OptionTable } from './option-table.js';
import { listOf, type ParsedOptions, parsePids } from './options.js';
import { parseTime, TIME_FORMS } from './time-option.js';

/** Options for a time range. */
export const TIME_OPTIONS: OptionTable = {
  since: {
    value: 'TIME',
    check: timeProblem,
    description: `Only records that start at this time or later: ${TIME_FORMS}`,
  },
  until: { value: 'TIME', check: timeProblem, description: 'Only records that start before this time' },
};

export const PID_OPTION: OptionTable = {
  pid: {
    value: 'PID,…',
    check: (text) => (parsePids(text) === null ? 'a list of process ids' : null),
    description: 'Only records of these processes',
  },
};

export const CONTAINER_OPTION: OptionTable = {
  container: {
    value: 'NAME,…',
    check: (text) => (text.split(',').includes('') ? 'a list of names or ids' : null),
    description: 'Only records of these containers, by name or the beginning of the id',
  },
};

function timeProblem(text: string): string | null {
  return parseTime(text, 0) === null ? `a time (${TIME_FORMS})` : null;
}

/**
 * Parses the time range in the options.
 *
 * @param now milliseconds since the epoch, for relative times
 * @returns a message if the range is empty
 */
export function timeRangeOf({ values }: ParsedOptions, now: number): TimeRange | string {
  const time = (name: string): bigint | null => {
    const text = values.get(name);
    return text === undefined ? null : parseTime(text, now);
  };
  const [since, until] = [time('since'), time('until')];
  return since !== null && until !== null && since >= until ? '--since is not before --until' : { since, until };
}

/** Returns the records that the options select, within `time`. */
export function selectionOf(options: ParsedOptions, time: TimeRange): RecordSelection {
  const pids = listOf(options, 'pid');
  return {
    time,
    pids: pids === undefined ? null : parsePids(pids),
    containers: listOf(options, 'container')?.split(',') ?? null,
  };
}
