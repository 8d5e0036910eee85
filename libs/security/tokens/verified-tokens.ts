import type { VerifiedToken } from './token-kind.js';

/**
 * Remembers verified tokens by their exact text until they expire: 0.08 µs instead of about 60 µs per request
 * (PERFORMANCE.md). Only tokens that passed are kept, so strangers cannot fill it. The one unused longest goes first.
 */
export class VerifiedTokens {
  private readonly tokens = new Map<string, VerifiedToken>();

  /** @param capacity how many tokens to remember at most. */
  constructor(private readonly capacity: number) {}

  /** @param nowSeconds seconds since 1970; a token that has reached its `exp` is forgotten. */
  get(text: string, nowSeconds: number): VerifiedToken | undefined {
    const token = this.tokens.get(text);
    if (!token) return undefined;
    this.tokens.delete(text);
    if (nowSeconds >= token.expiresAt) return undefined;
    this.tokens.set(text, token);
    return token;
  }

  put(text: string, token: VerifiedToken): void {
    if (this.capacity < 1) return;
    this.tokens.delete(text);
    if (this.tokens.size >= this.capacity) this.tokens.delete(this.tokens.keys().next().value!);
    this.tokens.set(text, token);
  }

  clear(): void {
    this.tokens.clear();
  }

  get size(): number {
    return this.tokens.size;
  }
}
