/** An encoder that writes a line of comma-separated values for each record. */

/** Columns, and how each is read. @type {Record<string, (record: import('sfprocessor').FlatRecord) => unknown>} */
const COLUMNS = {
  ts: ({ ts }) => ts,
  type: ({ type }) => type,
  exe: ({ process }) => process?.exe,
  pid: ({ pid }) => pid,
  tid: ({ tid }) => tid,
  user: ({ process }) => process?.userName,
  container: ({ container }) => container?.name,
  file: ({ file }) => file?.path,
  newfile: ({ newFile }) => newFile?.path,
  dport: ({ type, dport }) => (type === 'NF' ? dport : ''),
  ret: ({ ret }) => ret,
  rules: ({ context }) => context?.rules.map(({ name }) => name).join(' '),
};

/** Characters of event data to escape: controls, line separators, bidirectional marks, lone surrogates. */
const UNSAFE = /[\p{C}\u2028\u2029]/gu;

/**
 * @param {unknown} value
 * @param {string} separator
 */
function cell(value, separator) {
  const text = String(value ?? '').replace(UNSAFE, (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`);
  return text.includes(separator) || text.includes('"') ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @type {import('sfprocessor').EncoderComponent<{ columns: string, separator: ',' | ';' }> & { apiVersion: 1 }} */
export default {
  apiVersion: 1,
  kind: 'encoder',
  name: 'csv',
  summary: 'comma-separated values, a line for each record',
  options: {
    columns: {
      type: 'text',
      list: true,
      default: 'ts,type,exe,pid,user,file,rules',
      description: `The columns, of ${Object.keys(COLUMNS).join(', ')}.`,
    },
    separator: { type: 'choice', choices: [',', ';'], default: ',', description: 'What separates the columns.' },
  },
  check: async ({ columns }) =>
    columns
      .split(',')
      .filter((name) => !Object.hasOwn(COLUMNS, name.trim()))
      .map((name) => `there is no column '${name.trim()}'`),
  create({ columns, separator }) {
    const reads = columns.split(',').map((name) => COLUMNS[name.trim()] ?? (() => ''));
    return {
      encode(record, out) {
        out.appendText(reads.map((read) => cell(read(record), separator)).join(separator));
      },
    };
  },
};
