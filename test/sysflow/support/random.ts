/** A small seeded generator (mulberry32), for values that depend on each other too much for fast-check's combinators. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** From 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** From 0 to below a bound. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  shuffle<T>(items: readonly T[]): T[] {
    const left = [...items];
    const out: T[] = [];
    while (left.length > 0) out.push(...left.splice(this.below(left.length), 1));
    return out;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  /** A 32-bit integer; the ends and powers of two come often. */
  int(): number {
    return Number(BigInt.asIntN(32, this.#integer(32)));
  }

  /** A 64-bit integer; the ends, powers of two and timestamps come often. */
  long(): bigint {
    return BigInt.asIntN(64, this.#integer(64));
  }

  #integer(bits: number): bigint {
    const near = 1n << BigInt(this.below(bits));
    switch (this.below(4)) {
      case 0:
        return BigInt(this.below(300) - 150);
      case 1:
        return near + BigInt(this.below(3) - 1);
      case 2:
        return -near + BigInt(this.below(3) - 1);
      default:
        return bits === 64 && this.chance(0.5)
          ? 1_500_000_000_000_000_000n + BigInt(this.below(2 ** 50))
          : (BigInt(this.below(2 ** 32)) << 32n) | BigInt(this.below(2 ** 32));
    }
  }

  /** Text of any plane, without lone surrogates. */
  text(): string {
    const length = this.chance(0.05) ? this.below(3000) : this.below(20);
    let text = '';
    for (let i = 0; i < length; i++) {
      if (this.chance(0.9)) text += String.fromCharCode(this.below(128));
      else text += this.pick(['é', 'ß', '€', '漢', '😀', '\u07ff', '\uffff', '\u{10ffff}', '\0', '\n']);
    }
    return text;
  }
}
