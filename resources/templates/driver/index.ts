import type { DriverComponent, TraceRecord } from 'sfprocessor';

interface Options {
  readonly events: number;
}

/** A driver that makes up a process which starts, reads a file and ends. Replace `records` by what your source has. */
const driver: DriverComponent<Options> & { readonly apiVersion: 1 } = {
  apiVersion: 1,
  kind: 'driver',
  name: '{{name}}',
  summary: 'records that are made up',
  options: {
    events: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      default: 3,
      description: 'How many events it makes up.',
    },
  },
  // The path of the stanza, or of the command line, says what to read.
  create: ({ events }, { path }) => ({
    async run(host, signal) {
      host.log('info', `{{name}}: making up ${events} events for '${path}'`);
      const stream = host.openStream(path);
      await stream.pushRecords(entities());
      for (let i = 0; i < events && !signal.aborted; i++) await stream.pushRecords([event(BigInt(i))]);
      await stream.close();
    },
  }),
};

export default driver;

const START = 1_700_000_000_000_000_000n;
const PROCESS = { createTs: START, pid: 42n };

/** A stream begins with a header, and announces each process before its first event. */
function entities(): TraceRecord[] {
  return [
    { kind: 'header', version: 6, exporter: '{{name}}', ip: '127.0.0.1', filename: '' },
    {
      kind: 'process',
      state: 0,
      oid: PROCESS,
      parent: null,
      ts: START,
      exe: '/bin/example',
      args: '',
      uid: 1000,
      userName: 'user',
      gid: 1000,
      groupName: 'user',
      tty: false,
      containerId: null,
      entry: false,
      cwd: '/',
      env: [],
    },
  ];
}

function event(number: bigint): TraceRecord {
  // Operation 2 is EXEC; sfprocessor exports all of them as OpFlag.
  return { kind: 'processEvent', process: PROCESS, ts: START + number, tid: 42n, opFlags: 2, args: [], ret: 0 };
}
