import { reasonOf } from '../../components/plugins/plugin.js';
import { ByteBuffer } from '../../exporter/byte-buffer.js';
import type { EncoderComponent } from '../../exporter/component.js';
import { type Encoder, NotEncoded } from '../../exporter/encoder.js';
import type { FlatRecord } from '../../records/flat-record.js';
import { type Guard, isThenable } from './guard.js';

const BUFFER_BYTES = 4096;

/** Characters that could end a record early or control a terminal: controls (C0, DEL, C1) and line separators. */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** Wraps an encoder plugin and catches its failures. */
export function isolateEncoder(plugin: EncoderComponent, guard: Guard): Partial<EncoderComponent> {
  return {
    create: (options, environment) =>
      new IsolatedEncoder(
        guard.create(() => plugin.create(options, environment), ['encode']),
        guard,
      ),
  };
}

/** An encoder of a plugin. It writes to a separate buffer, so that it cannot change earlier records. */
class IsolatedEncoder implements Encoder {
  readonly #encoder: Encoder;
  readonly #guard: Guard;
  readonly #out = new ByteBuffer(BUFFER_BYTES);

  constructor(encoder: Encoder, guard: Guard) {
    this.#encoder = encoder;
    this.#guard = guard;
  }

  encode(record: FlatRecord, out: ByteBuffer): void {
    const own = this.#out;
    own.clear();
    try {
      const result: unknown = this.#encoder.encode(record, own);
      if (isThenable(result)) {
        Promise.resolve(result).catch(() => {});
        throw new NotEncoded('encode returned a promise; it must append the record before it returns');
      }
      // The memory after the bytes does not belong to the encoder.
      const isWithin = Number.isSafeInteger(own.length) && own.length >= 0 && own.length <= own.bytes.length;
      if (!isWithin) throw new NotEncoded('encode set a length outside of the buffer');
    } catch (error) {
      // The exporter counts the lost record, as it does for one that is too large.
      this.#guard.failed(error instanceof NotEncoded ? error.message : `encode threw: ${reasonOf(error)}`);
      throw new NotEncoded();
    }
    if (hasControls(own.written)) this.#appendEscaped(own.written.toString(), out);
    else out.append(own.written);
  }

  #appendEscaped(text: string, out: ByteBuffer): void {
    this.#guard.warned('encode wrote control characters or line ends into a record; they are written as \\uXXXX');
    out.appendText(text.replace(CONTROLS, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`));
  }
}

function hasControls(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte < 0x20 || byte === 0x7f) return true;
    // C1 controls, and U+2028 and U+2029, in UTF-8.
    if (byte === 0xc2 && bytes[i + 1]! < 0xa0) return true;
    if (byte === 0xe2 && bytes[i + 1] === 0x80 && (bytes[i + 2]! & 0xfe) === 0xa8) return true;
  }
  return false;
}
