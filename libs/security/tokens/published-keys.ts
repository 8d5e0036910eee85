import { KeysUnavailableError, verificationKey } from './key-source.js';
import type { JwksDocument, KeySource, VerificationKey } from './key-source.js';

/** Settings of `PublishedKeys`; all times in seconds. */
export interface PublishedKeysOptions {
  /** Reads the issuer's JWK Set from the one place we configured. Must give up when the signal fires. */
  load(signal: AbortSignal): Promise<JwksDocument>;
  /** Age at which the set is read again in the background. Default 600. */
  freshSeconds?: number;
  /** Age up to which an old set still serves while it cannot be read. Default 3,600. */
  staleSeconds?: number;
  /** Shortest time between two reads, whatever tokens ask for. Default 10; 1 until the first success. */
  refetchSeconds?: number;
  /** Longest time one read may take. Default 2. */
  timeoutSeconds?: number;
  /** Monotonic milliseconds. Default `performance.now`. */
  monotonic?: () => number;
}

/**
 * The issuer's public keys, read from its JWK Set and remembered.
 *
 * A known `kid` is answered from memory. An unknown one causes at most one read per `refetchSeconds`, shared by all who
 * wait for it, so invented `kid`s cannot make this process hammer the issuer. Addresses found in tokens are never used.
 * Defaults from the reliability decisions: 10 min fresh, 1 h stale (static stability).
 *
 * @example new PublishedKeys({ load: (signal) => queries.ask(PublicKeys, {}, { signal }) });
 */
export class PublishedKeys implements KeySource {
  private keys: ReadonlyMap<string, VerificationKey> = new Map();
  private loadedAt = -Infinity;
  private attemptedAt = -Infinity;
  private lastFailure: unknown;
  private reading?: Promise<void>;
  private readonly options: Required<PublishedKeysOptions>;

  constructor(options: PublishedKeysOptions) {
    this.options = {
      freshSeconds: 600,
      staleSeconds: 3600,
      refetchSeconds: 10,
      timeoutSeconds: 2,
      monotonic: () => performance.now(),
      ...options,
    };
  }

  async keyFor(kid: string): Promise<VerificationKey | undefined> {
    if (this.age() >= this.options.freshSeconds) void this.read();
    const usable = () => (this.age() < this.options.staleSeconds ? this.keys.get(kid) : undefined);
    const known = usable();
    if (known) return known;
    await this.read();
    const found = usable();
    if (!found && this.lastFailure !== undefined) throw new KeysUnavailableError(this.lastFailure);
    return found;
  }

  private read(): Promise<void> {
    if (this.reading) return this.reading;
    const wait = this.loadedAt === -Infinity ? Math.min(1, this.options.refetchSeconds) : this.options.refetchSeconds;
    const now = this.options.monotonic();
    if (now - this.attemptedAt < wait * 1000) return Promise.resolve();
    this.attemptedAt = now;
    this.reading = this.readOnce().finally(() => (this.reading = undefined));
    return this.reading;
  }

  private async readOnce(): Promise<void> {
    const deadline = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const reason = new Error('Reading the key set took too long');
        deadline.abort(reason);
        reject(reason);
      }, this.options.timeoutSeconds * 1000);
    });
    try {
      this.keys = await readSet(await Promise.race([this.options.load(deadline.signal), late]));
      this.loadedAt = this.options.monotonic();
      this.lastFailure = undefined;
    } catch (failure) {
      this.lastFailure = failure ?? new Error('Reading the key set failed');
    } finally {
      clearTimeout(timer);
    }
  }

  private age(): number {
    return (this.options.monotonic() - this.loadedAt) / 1000;
  }
}

async function readSet({ keys }: JwksDocument): Promise<ReadonlyMap<string, VerificationKey>> {
  const readable = await Promise.all(keys.map((jwk) => verificationKey(jwk).catch(() => undefined)));
  const set = new Map(readable.flatMap((key) => (key ? [[key.kid, key] as const] : [])));
  if (set.size === 0) throw new TypeError('The key set holds no key that could verify an access token');
  return set;
}
