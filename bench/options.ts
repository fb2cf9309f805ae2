import { parseArgs } from 'node:util';

export const HELP = `npm run bench [-- OPTION…]
  --runs N       runs of each program for each row, in turns (3)
  --copies N     copies of each trace in the folder of most rows (12)
  --long N       copies of each trace in the folder of rows that measure throughput (120)
  --only TEXT    only rows whose name contains the text; may be repeated
  --json FILE    write the figures to a file as well
  --reference D  folder of reference data (default ../shared, if it exists)
  --original P   the original's program, to run in turns with ours
  --against D    the root of an earlier build of this program, likewise
`;

export interface Options {
  readonly runs: number;
  readonly copies: number;
  readonly long: number;
  readonly only: readonly string[];
  readonly json: string | null;
  readonly reference: string | null;
  /** The original's program; null to run only this program. */
  readonly original: string | null;
  /** The root of an earlier build of this program, or null. */
  readonly against: string | null;
}

/** Parses the options. Returns a message if they are invalid, and null for `--help`. */
export function parseOptions(args: readonly string[]): Options | string | null {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        runs: { type: 'string', default: '3' },
        copies: { type: 'string', default: '12' },
        long: { type: 'string', default: '120' },
        only: { type: 'string', multiple: true, default: [] },
        json: { type: 'string' },
        reference: { type: 'string' },
        original: { type: 'string' },
        against: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return null;
    const runs = Number(values.runs);
    const copies = Number(values.copies);
    const long = Number(values.long);
    for (const number of [runs, copies, long]) {
      if (!Number.isInteger(number) || number < 1) return '--runs, --copies and --long must be a whole number from 1';
    }
    const { only, json = null, reference = null, original = null, against = null } = values;
    return { runs, copies, long, only, json, reference, original, against };
  } catch (error) {
    return (error as Error).message;
  }
}
