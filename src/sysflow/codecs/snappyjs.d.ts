/** The used part of the package snappyjs, which comes without types. */
declare module 'snappyjs' {
  import type { Buffer } from 'node:buffer';

  const snappy: { compress(bytes: Uint8Array): Buffer; uncompress(bytes: Buffer): Buffer };
  export default snappy;
}
