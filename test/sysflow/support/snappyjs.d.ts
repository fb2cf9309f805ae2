declare module 'snappyjs' {
  const snappy: { compress(bytes: Uint8Array): Buffer };
  export default snappy;
}
