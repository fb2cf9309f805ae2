import type { FlatBatch, ProcessorComponent } from 'sfprocessor';

interface Options {
  readonly prefix: string;
}

/** A processor that logs each program which is started, and hands nothing on. */
const processor: ProcessorComponent<Options> & { readonly apiVersion: 1 } = {
  apiVersion: 1,
  kind: 'processor',
  name: '{{name}}',
  summary: 'Logs programs that are started',
  in: 'flattenerchan',
  out: null,
  options: {
    prefix: { type: 'text', default: 'started', description: 'What each line begins with.' },
  },
  create({ prefix }, { log }) {
    let records = 0;
    return {
      push(batch: FlatBatch) {
        records += batch.count;
        // The view is valid during the call only: keep values, not records.
        batch.forEach(({ type, process, tid }) => {
          if (type === 'PE') log('info', `${prefix} ${process?.exe ?? 'unknown'}, ${tid}`);
        });
        // Each batch is given back once; the next stage would do that for one that is handed on.
        batch.release();
        return undefined;
      },
      end: async () => log('info', `{{name}}: ${records} records`),
    };
  },
};

export default processor;
