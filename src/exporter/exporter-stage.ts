import type { Stage, StageCount, StageReport } from '../components/processor.js';
import type { FlatBatch } from '../records/flat-batch.js';
import { counted } from '../telemetry/counted.js';
import { LARGEST_BUFFER } from './byte-buffer.js';
import type { EncoderComponent, ExporterEnvironment, ExporterOptionValues, TransportComponent } from './component.js';
import { createDelivery } from './delivery/create-delivery.js';
import type { Delivery } from './delivery/delivery.js';
import { Exporter } from './exporter.js';

/** The `exporter` processor: an encoder and a transport, as its slots name them. */
export class ExporterStage implements Stage<FlatBatch> {
  readonly #exporter: Exporter;
  readonly #delivery: Delivery;
  readonly #environment: ExporterEnvironment;
  #isTooLargeLogged = false;
  #isClosed: boolean;

  constructor(options: ExporterOptionValues, environment: ExporterEnvironment) {
    this.#environment = environment;
    const { now, slots, stdout, color, sources, version } = environment;
    const target = slots.export!.component as TransportComponent;
    const format = slots.format!.component as EncoderComponent;
    this.#isClosed = target.writesTo === 'nothing';
    const events = {
      failed: (message: string) => environment.fail(message),
      retrying: (message: string) => environment.log('warn', message),
      recovered: (message: string) => environment.log('health', message),
      warned: (message: string) => environment.log('warn', message),
      closed: () => this.#close(),
    };
    this.#delivery = createDelivery(target, slots.export!.options, options, events, { stdout, now });
    const look = { color: color && target.writesTo === 'terminal', sources, version };
    this.#exporter = new Exporter({
      encoder: target.writesTo === 'nothing' ? null : format.create(slots.format!.options, look),
      accelerate: (encoder, plain) => environment.accelerate(encoder, plain),
      delivery: this.#delivery,
      now,
      pieceRecords: options.buffer,
      onTooLarge: () => this.#logTooLarge(),
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  start(): Promise<string | null> {
    return this.#delivery.open();
  }

  reopen(): Promise<void> {
    return this.#delivery.reopen();
  }

  push(batch: FlatBatch): Promise<void> | undefined {
    return this.#exporter.push(batch);
  }

  end(): Promise<void> {
    return this.#exporter.end();
  }

  drain(): void {
    this.#delivery.drain();
  }

  report(): StageReport {
    const { name, statistics, reasons } = this.#delivery;
    const { lost, rejected, dropped, unread } = statistics;
    const counts: StageCount[] = [
      {
        name: `rejected ${name}`,
        value: rejected,
        level: 'error',
        describe: (value) => `${name}: ${counted(value, 'record was', 'records were')} rejected`,
      },
      {
        name: `dropped ${name}`,
        value: dropped,
        level: 'error',
        describe: (value) =>
          `${name}: ${counted(value, 'record was', 'records were')} dropped because the queue was full`,
      },
    ];
    for (const [reason, count] of lost + rejected === 0 ? [] : reasons.counts) {
      const describe = (value: number): string => `${name}: ${value} lost: ${reason}`;
      counts.push({ name: `${name} ${reason}`, value: count, level: 'trace', describe });
    }
    return { exported: this.#exporter.records - lost - rejected - dropped - unread, lost, unread, counts };
  }

  #close(): void {
    this.#isClosed = true;
    this.#environment.outputClosed();
  }

  #logTooLarge(): void {
    const limit = `${LARGEST_BUFFER >> 20} MiB`;
    if (!this.#isTooLargeLogged) this.#environment.fail(`a record larger than ${limit} as text was not written`);
    this.#isTooLargeLogged = true;
  }
}
