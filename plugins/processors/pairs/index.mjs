/**
 * Two processors with a custom channel type, `pairchan`: `pairs` combines each process event with the previous one of the same
 * process, and `pairlog` logs the time between them.
 *
 * @typedef {object} Pair
 * @property {string} exe the program
 * @property {bigint} first the time of the first event in nanoseconds since the epoch
 * @property {bigint} second the time of the second event
 */

/** Most processes remembered: the state of a plugin must be bounded. */
const MOST_PROCESSES = 10_000;

/** @type {import('sfprocessor').ProcessorComponent & { apiVersion: 1 }} */
const pairs = {
  apiVersion: 1,
  kind: 'processor',
  name: 'pairs',
  summary: 'Puts together two events of a process',
  in: 'flattenerchan',
  out: 'pairchan',
  options: {},
  create(_options, { next }) {
    /** @type {Map<string, bigint>} */
    const times = new Map();
    return {
      /** @param {import('sfprocessor').FlatBatch} batch */
      async push(batch) {
        /** @type {Pair[]} */
        const found = [];
        batch.forEach(({ type, process, pid, ts }) => {
          if (type !== 'PE') return;
          const key = `${process?.createTsHi}:${process?.createTsLo}:${pid}`;
          const first = times.get(key);
          if (first !== undefined) found.push({ exe: process?.exe ?? '', first, second: ts });
          else if (times.size >= MOST_PROCESSES) times.clear();
          times.set(key, ts);
        });
        batch.release();
        for (const pair of found) await next.push(pair);
      },
      end: () => next.end(),
    };
  },
};

/** @type {import('sfprocessor').ProcessorComponent<{ unit: 'ms' | 's' }> & { apiVersion: 1 }} */
const pairlog = {
  apiVersion: 1,
  kind: 'processor',
  name: 'pairlog',
  summary: 'Logs pairs of events',
  in: 'pairchan',
  out: null,
  options: {
    unit: { type: 'choice', choices: ['ms', 's'], default: 'ms', description: 'The unit of the times.' },
  },
  create: ({ unit }, { log }) => ({
    /** @param {Pair} pair */
    push({ exe, first, second }) {
      log('info', `Pair: ${exe}, ${(second - first) / (unit === 'ms' ? 1_000_000n : 1_000_000_000n)} ${unit}`);
      return undefined;
    },
    end: async () => {},
  }),
};

export default [pairs, pairlog];
