import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ByteWindow, streamSource } from '../../../src/sysflow/byte-source.js';
import { unpackZstandard } from '../../../src/sysflow/compression/zstandard-stream.js';
import type { TraceError } from '../../../src/sysflow/errors.js';

/** What the reference implementation, zstd 1.5.4, makes of 3 MB of numbers with a window of 32 KiB. */
const NUMBERS = [
  'KLUv/QQoXDIAau34GAmw64SiiXFSmHV/AZUBhwFPY2kcjdkYGh/FRnFRXIqJ4qFYKA6KSTFQfBPbxDVxJ6aJZ2KZOCbmxDDxSWwSl8SVmCQeiUXikJgS',
  'g8QXsUVcETdiingilogjYkYMER9jY1yMy5gYD2NhHIzJGBgfxAZxQVyICeKBWCAOiAkxQHzH7Xgd73E6PsfleBzncTh+xs14Ga9xMj7GxXgYp3EwfsWt',
  'eBVvcSo+xaV4FGdxKH7lVl7lLafyKZfyKGc5lB9xI17ES5yID3EhHsRJHIjfcBtewzuchs9wGR7DORyGn3ATXsIrnISPcBEewikchF9wC17BG5yCT3AJ',
  'HsEZHIIfuZEXecmJfMiFPMhJDuQH3IAX8AIn4ANcgAdwAgfgd9tdd2+655Y7bt5wn2122bXJHlvssGmDfbXVVbememqpo2YN9XXr1dupT5cenR360UYX',
  'XZrooYUOmjTQN9tcc2eaZ5Y5Zs4wn2xyyZVJHlnkkCmDfLHFFTemeGKJI2YM8XHjxcuJDxcenBz4bdednuWYQ0ATaAD6brab6+beTDfPzXJz3Myb4eaz',
  '2Wwum2sz2Tw2i81hM20Gm69mq7lqbs1U89QsNUfNrBlqvs7WuTq3M3WeztI5OrMzdD6ajeaiuTQTzUOz0Bw0k2ag+Wa2mWvmzkwzz8wyc8zMmWHmk9lk',
  'LpkrM8k8MovMITNlBpkvZou5Ym7MFPPELDFHzIwZYj7Oxrk4lzNxHs7COTiTM3A+mA3mgrkwE8wDs8AcMBNmgPlOtpPr5J5MJ8/JcnKczJPh5DPZTC6T',
  'azKZPCaLyWEyTQaTr2QruUpuyVTylCwlR8ksGUq+yla5KrcyVZ7KUjkqszJUPpKN5CK5JBPJQ7KQHCSTZCD5RraRa+SOTCPPyDJyjMyRYeQT2UQukSsy',
  'iTwii8ghMkUGkS9kC7lCbsgU8oQsIUfIDBlCPspGuSiXMlEeykI5KJMyUD6QDeQCuSATyAOygBwgE2QA+S62i+viXkwXz8VycVzMi+His9gsLotrMVk8',
  'FovFYTEtBouvYqu4Km7FVPFULBVHxawYKr7G1rgatzE1Ap/UJnVJXalJ6pFapA6pKTVIfVFb1BV1o6aoJ2qJOqJm1BD1sTbWxbqsifWwFtbBmqyB9UFt',
  'UBfUhZqgHqgF6oCaUAPUd92u1/Vep+tzXa7HdV6H62fdrJf1WifrY12sh3VaB+tX3apX9Van6lNdqkd1Vofq127t1d52ap92aY92tkP7UTfqRb3UifpQ',
  'F+pBndSB+k236TW902n6TJfpMZ3TYfpJN+klvdJJ+kgX6SGd0kH6RbfoFb3RKfpEl+gRndEh+rEbe7GXndiHXdiDnezAftANekEvdII+0AV6QCd0gH5H',
  '29F1dI+mo+doOTqO5tFw9BltRpfRNZqMHqPF6DCaRoPRV7QVXUW3aCp6ipaio2gWDUVfaStdpVuaSk9pKR2lWRpKH9FGdBFdoonoIVqIDqJJNBB9Q9vQ',
  'NXSHpqFnaBk6hubQMPQJbUKX0BWahB6hRegQmkKD0Be0BV1BN2gKeoKWoCNoBg1BH2kjXaRLmkgPaSEdpEkaSB/QBnQBXaAJ6AFagI63bqp76pa6o27W',
  'DXVfb+tdvdubek9v6R292Rt6H91Gd9FduonuoVvoDrpJN9B9c9vcNXfnprlnbpk75ubcMPfJbXKX3JWb5B65Re6Qm3KD3Be3xV1xN26Ke+KWuCNuxg1x',
  'H2/jXbzLm3gPb+EdvMkbeB/cBnfBXbgJ7oFb4A64CTfAfWfb2XV2z6az52w5O87m2XD2mW1ml9k1m8wes8XsMJtmg9lXtpVdZbdsKnvKlrKjbJYNZV9t',
  'q121W5tqT22pHbVZG2of2UZ2kV2yiewhW8gOskk2kH1j29g1dsemsWdsGTvG5tgw9oltYpfYFZvEHrFF7BCbYoPYF7aFXWE3bAp7wpawI2yGDWEfbaNd',
  'tEubaA9toR20SRtoH9gGdoFdsAnsAVvADrAJNoB9V9vVdXWvpqvnark6rubVcPVZbVaX1bWarB6rxeqwmlaD1Ve1VV1Vt2qqeqqWqqNqVg1VX2trXa3b',
  'mlpPa2kdrdkaWh/VRnVRXaqJ6qFaqA6qSTVQfVPb1DV1p6apZ2qZOqbm1DAVAQDWPomzvUM1RAAACDMBAPz/DoREAAAIMgEA/P8OhEQAAAg4AQD8/w6E',
  'RAAACDIBAPz/DoREAAAIMQEA/P8OhEQAAAg3AQD8/w6ERAAACDEBAPz/DoREAAAICgEA/P8OhEQAAAg2AQD8/w6ERAAACDABAPz/DoREAAAINgEA/P8O',
  'hEQAAAg1AQD8/w6ERAAACDkBAPz/DoREAAAINQEA/P8OhEQAAAg0AQD8/w6ERAAACDUBAPz/DoREAAAINAEA/P8OhEQAAAgzAQD8/w6ERAAACDkBAPz/',
  'DoREAAAIMwEA/P8OhEQAAAgyAQD8/w6ERAAACDcBAPz/DoREAAAIMgEA/P8OhEQAAAg1AQD8/w6ERAAACDYBAPz/DoREAAAIMQEA/P8OhEQAAAg3AQD8',
  '/w6ERAAACDUBAPz/DoREAAAIMAEA/P8OhEQAAAg2AQD8/w6ERAAACDQBAPz/DoRMAAAAAQD9f7Z3CAREAAAINQEA/P8OhEQAAAgzAQD8/w6ERAAACDkB',
  'APz/DoREAAAINAEA/P8OhEQAAAgyAQD8/w6ERAAACDgBAPz/DoREAAAIMwEA/P8OhEQAAAgxAQD8/w6ERAAACDcBAPz/DoREAAAIMgEA/P8OhEQAAAg4',
  'AQD8/w6ERAAACDYBAPz/DoREAAAIMQEA/P8OhEQAAAg3AQD8/w6ERAAACDUBAPz/DoREAAAIMAEA/P8OhEQAAAg2AQD8/w6ERAAACDMBAPz/DoREAAAI',
  'OQEA/P8OhEQAAAg1AQD8/w6ERAAACDIBAPz/DoREAAAIOAEA/P8OhEQAAAg0AQD8/w6ERAAACDEBAPz/DoREAAAINwEA/P8OhEQAAAgzAQD8/w6ERAAA',
  'CAoBAPz/DoREAAAINgEA/P8OhEQAAAgyAQD8/w6ERAAACDgBAPz/DoREAAAINQEA/P8OhEwAAAABAP1/tncIBEQAAAg3AQD8/w6ERAAACDQBAPz/DoRE',
  'AAAINwEA/P8OhEQAAAg2AQD8/w6ERAAACDMBAPz/DoREAAAIOQEA/P8OhEQAAAg1AQD8/w6ERAAACDIBAPz/DoREAAAIOAEA/P8OhEQAAAg0AQD8/w6E',
  'RAAACDEBAPz/DoREAAAINgEA/P8OhEQAAAgzAQD8/w6ERAAACDkBAPz/DoREAAAINQEA/P8OhEQAAAgyAQD8/w6ERAAACDgBAPz/DoREAAAINAEA/P8O',
  'hEQAAAgxAQD8/w6ERAAACDcBAPz/DoREAAAIMwEA/P8OhEQAAAg5AQD8/w6ERAAACDYBAPz/DoREAAAIMgEA/P8OhEQAAAg4AQD8/w6ERAAACDUBAPz/',
  'DoREAAAIMQEA/P8OhEQAAAg3AQD8/w6ERAAACDQBAPz/DoRFAAAINwEAEvQOhKVrbRA=',
].join('');

interface Unpacked {
  readonly bytes: number;
  readonly hash: string;
  readonly error: TraceError | null;
}

async function unpack(...chunks: Buffer[]): Promise<Unpacked> {
  const content = unpackZstandard(new ByteWindow(streamSource(chunks, 'some.zst')), 'some.zst');
  const hash = createHash('sha256');
  let bytes = 0;
  for (;;) {
    const next = await content.next();
    if (next.done === true) return { bytes, hash: hash.digest('hex'), error: next.value };
    hash.update(next.value);
    bytes += next.value.length;
  }
}

test('content of many windows is what was compressed, in a bounded buffer', async () => {
  const text = Array.from({ length: 800_000 }, (_, i) => `${i % 977}\n`).join('');
  const packed = Buffer.from(NUMBERS, 'base64');
  const hash = createHash('sha256').update(text).digest('hex');
  assert.deepEqual(await unpack(packed), { bytes: text.length, hash, error: null });
  const pieces = Array.from({ length: Math.ceil(packed.length / 7) }, (_, i) => packed.subarray(7 * i, 7 * i + 7));
  assert.deepEqual(await unpack(...pieces), { bytes: text.length, hash, error: null });
});

test('frames that hold no content are passed, and empty ones', async () => {
  const skippable = Buffer.concat([Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 5, 0, 0, 0]), Buffer.from('hello')]);
  const empty = Buffer.from('KLUv/SQAAQAAmenYUQ==', 'base64');
  const { bytes, error } = await unpack(Buffer.concat([skippable, empty, skippable]));
  assert.deepEqual([bytes, error], [0, null]);
  assert.equal((await unpack(skippable.subarray(0, 10))).error?.message, 'its Zstandard ends too early');
});

test('a frame that asks for more memory than there is for it is refused', async () => {
  // A window of 3.75 TiB.
  const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff, 1, 0, 0]);
  assert.equal((await unpack(frame)).error?.message, 'its Zstandard needs more than 128 MiB of memory');
});

test('a changed byte neither throws nor hangs', async () => {
  const packed = Buffer.from(NUMBERS, 'base64');
  for (let at = 4; at < packed.length; at += 131) {
    const changed = Buffer.from(packed);
    changed[at]! ^= 0x55;
    const { error, bytes } = await unpack(changed);
    assert.ok(error === null || error.code === 'compression');
    assert.ok(bytes < 64 << 20);
  }
});
