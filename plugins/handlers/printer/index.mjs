/**
 * A handler that logs each event and flow of a stream with its program. It emits nothing, so the reader is the end of its branch.
 *
 * @type {import('sfprocessor').HandlerComponent & { apiVersion: 1 }}
 */
export default {
  apiVersion: 1,
  kind: 'handler',
  name: 'printer',
  summary: 'logs each event and flow',
  out: null,
  options: {},
  create: (_options, { log }) => ({
    openStream: () => ({
      onProcessEvent: ({ process, tid }) => log('info', `ProcEvt ${process?.exe ?? ''}, ${tid}`),
      onFileEvent: ({ process, tid }) => log('info', `FileEvt ${process?.exe ?? ''}, ${tid}`),
      onFileFlow: ({ process, fd }) => log('info', `FileFlow ${process?.exe ?? ''}, ${fd}`),
      onNetworkFlow: ({ process, dport }) => log('info', `NetworkFlow ${process?.exe ?? ''}, ${dport}`),
      onProcessFlow: ({ process, pid }) => log('info', `ProcFlow ${process?.exe ?? ''}, ${pid}`),
    }),
  }),
};
