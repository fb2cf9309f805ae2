/** Blocks that are told apart by their bytes. */

/** The length of a block, up to a most; short and long ones in turns. */
export function lengthOf(number: number, most: number): number {
  const length = Math.imul(number + 1, 0x9e3779b1) >>> 8;
  return number % 3 === 0 ? length % 50 : length % (most + 1);
}

/** Gives a block the bytes that belong to its number. */
export function fillBlock(block: Uint8Array, number: number): Uint8Array {
  for (let i = 0; i < block.length; i++) block[i] = number * 31 + i;
  return block;
}
