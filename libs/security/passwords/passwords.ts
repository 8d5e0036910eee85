import { hash, hashRaw, parseOptions, verify } from '@node-rs/argon2';
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { HashingSlots } from './hashing-slots.js';

const longestPassword = 1024;
const argon2id = 2;

/** Settings of `Passwords`. */
export interface PasswordsOptions {
  /** Memory per hash in KiB. Default 19,456 (19 MiB). */
  memoryCost?: number;
  /** Passes over the memory. Default 2. */
  timeCost?: number;
  /** Hashes in flight, at most 2 per core. Default: 2 per core, but leaving half of libuv's threads (4) free. */
  inFlight?: number;
  /** Hashes waiting for a slot. Default 16 per slot, about 0.7 s of work. */
  queued?: number;
}

/** The password is longer than 1 kB of UTF-8. The host answers 422. */
export class PasswordTooLongError extends Error {
  override readonly name = 'PasswordTooLongError';
  constructor() {
    super(`A password has at most ${longestPassword} bytes`);
  }
}

/**
 * Passwords with argon2id, m=19456 t=2 p=1, a 16-byte salt (OWASP Password Storage Cheat Sheet).
 *
 * Each hash costs tens of milliseconds of a core on libuv's thread pool, which token verification shares. So only a few
 * run at once, a few wait, and the rest are turned away at once.
 *
 * @example
 * const user = await users.byEmail(email);
 * const right = user ? await passwords.verify(user.passwordHash, password) : await passwords.verifyUnknown(password);
 * if (right && passwords.needsRehash(user.passwordHash)) await users.save(await passwords.hash(password));
 */
export class Passwords {
  private readonly cost: { memoryCost: number; timeCost: number; parallelism: number };
  private readonly slots: HashingSlots;
  private readonly nobody: string;

  /** @throws RangeError when more than 2 hashes per core, or fewer than one, would be in flight. */
  constructor({ memoryCost = 19_456, timeCost = 2, inFlight = defaultInFlight(), queued }: PasswordsOptions = {}) {
    if (!Number.isInteger(inFlight) || inFlight < 1 || inFlight > 2 * availableParallelism()) {
      throw new RangeError('Between one and 2 hashes per core may be in flight');
    }
    this.cost = { memoryCost, timeCost, parallelism: 1 };
    this.slots = new HashingSlots(inFlight, queued ?? 16 * inFlight);
    this.nobody = `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=1$${unpadded(16)}$${unpadded(32)}`;
  }

  /**
   * @param password normalised to NFKC (NIST SP 800-63B §5.1.1.2), so that it can be typed on another keyboard.
   * @returns the PHC string to store.
   * @throws PasswordTooLongError over 1 kB.
   * @throws PasswordsBusyError when too many hashes are in flight.
   */
  async hash(password: string): Promise<string> {
    const bytes = passwordBytes(password);
    if (!bytes) throw new PasswordTooLongError();
    return this.slots.run(() => hash(bytes, { ...this.cost, algorithm: argon2id }));
  }

  /**
   * @param stored   PHC string written by `hash`. An unreadable one matches no password and costs the same.
   * @param password over 1 kB is simply wrong, without a hash.
   * @throws PasswordsBusyError when too many hashes are in flight.
   */
  async verify(stored: string, password: string): Promise<boolean> {
    const bytes = passwordBytes(password);
    if (!bytes) return false;
    const readable = parsed(stored) !== undefined;
    return this.slots.run(async () => (await verify(readable ? stored : this.nobody, bytes)) && readable);
  }

  /**
   * The same for the same password and salt, and as slow as `hash`: for telling whether two requests hold one password
   * where neither may be stored.
   *
   * @param salt 16 bytes that nothing else is summed with.
   * @returns base64url.
   * @throws PasswordTooLongError over 1 kB.
   * @throws PasswordsBusyError when too many hashes are in flight.
   */
  async sum(password: string, salt: Uint8Array): Promise<string> {
    const bytes = passwordBytes(password);
    if (!bytes) throw new PasswordTooLongError();
    const sum = await this.slots.run(() => hashRaw(bytes, { ...this.cost, algorithm: argon2id, salt }));
    return Buffer.from(sum).toString('base64url');
  }

  /**
   * Does the work of `verify` for a user that does not exist, so that the time of the answer tells nothing.
   *
   * @returns always `false`.
   * @throws PasswordsBusyError when too many hashes are in flight.
   */
  async verifyUnknown(password: string): Promise<false> {
    await this.verify(this.nobody, password);
    return false;
  }

  /** Whether the stored hash was made with another algorithm or other costs than today's; re-hash at the next login. */
  needsRehash(stored: string): boolean {
    const made = parsed(stored);
    if (!made || made.algorithm !== argon2id) return true;
    const { memoryCost, timeCost, parallelism } = this.cost;
    return made.memoryCost !== memoryCost || made.timeCost !== timeCost || made.parallelism !== parallelism;
  }
}

function defaultInFlight(): number {
  const threads = Number(process.env['UV_THREADPOOL_SIZE']) || 4;
  return Math.max(1, Math.min(2 * availableParallelism(), Math.floor(threads / 2)));
}

function passwordBytes(password: string): Uint8Array | undefined {
  if (password.length > longestPassword) return undefined;
  const bytes = new TextEncoder().encode(password.normalize('NFKC'));
  return bytes.length > longestPassword ? undefined : bytes;
}

function parsed(stored: string): ReturnType<typeof parseOptions> | undefined {
  try {
    return parseOptions(stored);
  } catch {
    return undefined;
  }
}

function unpadded(bytes: number): string {
  return randomBytes(bytes).toString('base64').replaceAll('=', '');
}
