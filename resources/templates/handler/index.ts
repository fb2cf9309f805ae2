import type { HandlerComponent } from 'sfprocessor';

interface Options {
  readonly most: number;
}

/** A handler that logs which files a stream announces. It emits nothing, so that the reader ends its branch. */
const handler: HandlerComponent<Options> & { readonly apiVersion: 1 } = {
  apiVersion: 1,
  kind: 'handler',
  name: '{{name}}',
  summary: 'logs the files of a stream',
  out: null,
  options: {
    most: { type: 'integer', minimum: 0, maximum: 1_000_000, default: 10, description: 'How many files it logs.' },
  },
  create: ({ most }, { log }) => ({
    openStream({ name }) {
      let files = 0;
      return {
        onFile({ path }) {
          if (files++ < most) log('info', `{{name}}: ${path}`);
        },
        end: () => log('info', `{{name}}: ${files} files in ${name}`),
      };
    },
  }),
};

export default handler;
