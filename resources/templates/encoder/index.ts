import type { EncoderComponent } from 'sfprocessor';

interface Options {
  readonly separator: string;
}

/** An encoder that writes time, type and program of each record. */
const encoder: EncoderComponent<Options> & { readonly apiVersion: 1 } = {
  apiVersion: 1,
  kind: 'encoder',
  name: '{{name}}',
  summary: 'time, type and program',
  options: {
    separator: { type: 'text', default: ' | ', description: 'What separates the values.' },
  },
  create: ({ separator }) => ({
    // One line, without its end. What is read from events may hold anything, so it is escaped.
    encode({ ts, type, process }, out) {
      out.appendText([ts, type, JSON.stringify(process?.exe ?? '')].join(separator));
    },
  }),
};

export default encoder;
