import { ContainerWriter } from '../../sysflow/container-writer.js';
import type { TraceRecord } from '../../sysflow/trace-record.js';

/** Encodes records as a trace, as the recorder would. */
export async function traceBytes(records: readonly TraceRecord[]): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const sink = {
    write: async (bytes: Uint8Array): Promise<void> => {
      chunks.push(bytes);
    },
    close: async (): Promise<void> => {},
  };
  const writer = new ContainerWriter(sink, 'records', { codec: 'null' });
  for (const record of records) await writer.write(record);
  await writer.close();
  return Buffer.concat(chunks);
}
