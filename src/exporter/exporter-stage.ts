import type { Stage, StageReport } from '../components/processor.js';
import type { FlatBatch } from '../records/flat-batch.js';
import { LARGEST_BUFFER } from './byte-buffer.js';
import type { EncoderComponent, ExporterEnvironment, ExporterOptionValues, TransportComponent } from './component.js';
import { Exporter } from './exporter.js';
import type { Transport } from './transport.js';

/** The `exporter` processor: an encoder and a transport, as its slots name them. */
export class ExporterStage implements Stage<FlatBatch> {
  readonly #exporter: Exporter;
  readonly #transport: Transport;
  readonly #environment: ExporterEnvironment;
  #isTooLargeLogged = false;
  #isClosed: boolean;

  constructor({ buffer }: ExporterOptionValues, environment: ExporterEnvironment) {
    this.#environment = environment;
    const { now, slots, stdout, color, sources, version } = environment;
    const target = slots.export!.component as TransportComponent;
    const format = slots.format!.component as EncoderComponent;
    this.#isClosed = target.writesTo === 'nothing';
    this.#transport = target.create(slots.export!.options, {
      stdout,
      now,
      events: {
        failed: (message) => environment.fail(message),
        recovered: (message) => environment.log('health', message),
        warned: (message) => environment.log('warn', message),
        closed: () => this.#close(),
      },
    });
    const look = { color: color && target.writesTo === 'terminal', sources, version };
    this.#exporter = new Exporter({
      encoder: target.writesTo === 'nothing' ? null : format.create(slots.format!.options, look),
      accelerate: (encoder, plain) => environment.accelerate(encoder, plain),
      transport: this.#transport,
      now,
      pieceRecords: buffer,
      onTooLarge: () => this.#logTooLarge(),
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  start(): Promise<string | null> {
    return this.#transport.open();
  }

  reopen(): Promise<void> {
    return this.#transport.reopen();
  }

  push(batch: FlatBatch): Promise<void> | undefined {
    return this.#exporter.push(batch);
  }

  end(): Promise<void> {
    return this.#exporter.end();
  }

  report(): StageReport {
    const { statistics, unread = 0 } = this.#transport;
    return { exported: this.#exporter.records - statistics.lost - unread, lost: statistics.lost, unread };
  }

  #close(): void {
    this.#isClosed = true;
    this.#environment.outputClosed();
  }

  #logTooLarge(): void {
    const limit = `${LARGEST_BUFFER >> 20} MiB`;
    if (!this.#isTooLargeLogged) this.#environment.fail(`a record larger than ${limit} as text is not written`);
    this.#isTooLargeLogged = true;
  }
}
