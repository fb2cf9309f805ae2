/**
 * A processor that logs the program and the thread of each process event.
 *
 * @type {import('sfprocessor').ProcessorComponent & { apiVersion: 1 }}
 */
export default {
  apiVersion: 1,
  kind: 'processor',
  name: 'example',
  summary: 'Logs process events',
  in: 'flattenerchan',
  out: null,
  options: {},
  create: (_options, { log }) => ({
    /** @param {import('sfprocessor').FlatBatch} batch */
    push(batch) {
      batch.forEach(({ type, process, tid }) => {
        if (type === 'PE') log('info', `Process Event: ${process?.exe ?? ''}, ${tid}`);
      });
      batch.release();
      return undefined;
    },
    end: async () => {},
  }),
};
