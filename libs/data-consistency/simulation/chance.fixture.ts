/** Random numbers that are the same again with the same seed (sfc32, seeded by splitmix32). */
export class Chance {
  private a: number;
  private b: number;
  private c: number;
  private count = 1;

  constructor(seed: number) {
    let state = seed >>> 0;
    const next = () => {
      state = (state + 0x9e3779b9) | 0;
      let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      return mixed ^ (mixed >>> 15);
    };
    [this.a, this.b, this.c] = [next(), next(), next()];
    for (let warming = 0; warming < 12; warming++) this.fraction();
  }

  /** From 0 up to 1. */
  fraction(): number {
    const sum = (this.a + this.b + this.count) | 0;
    this.count = (this.count + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    return (sum >>> 0) / 4_294_967_296;
  }

  happens(probability: number): boolean {
    return this.fraction() < probability;
  }

  between(least: number, most: number): number {
    return least + this.fraction() * (most - least);
  }

  /** A whole number from 0 up to, not including, `count`. */
  below(count: number): number {
    return Math.floor(this.fraction() * count);
  }

  pick<One>(from: readonly One[]): One {
    return from[this.below(from.length)]!;
  }

  /** A UUID: as random as everything here. */
  id(): string {
    const part = (digits: number) =>
      Math.floor(this.fraction() * 16 ** digits)
        .toString(16)
        .padStart(digits, '0');
    return `${part(8)}-${part(4)}-7${part(3)}-8${part(3)}-${part(8)}${part(4)}`;
  }
}
