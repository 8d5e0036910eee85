import { exportJWK, generateKeyPair } from 'jose';
import type { JWK } from 'jose';
import { KeysUnavailableError } from './key-source.js';
import type { JwksDocument } from './key-source.js';
import { PublishedKeys } from './published-keys.js';
import { generateSigningKey, SigningKeys } from './signing-keys.js';

const strangerKid = 'A'.repeat(43);

/** An issuer whose key set, health and clock the test holds in its hands. */
async function issuer() {
  const first = await generateSigningKey();
  const state = {
    first,
    set: (await SigningKeys.from([first])).jwks(),
    reads: 0,
    now: 0,
    failure: undefined as Error | undefined,
  };
  const keys = new PublishedKeys({
    monotonic: () => state.now * 1000,
    load: async () => {
      state.reads += 1;
      if (state.failure) throw state.failure;
      return state.set;
    },
  });
  return { state, keys };
}

describe('published keys', () => {
  it('are read once and then remembered', async () => {
    const { state, keys } = await issuer();
    for (let turn = 0; turn < 5; turn += 1) expect((await keys.keyFor(state.first.kid))?.kid).toBe(state.first.kid);
    expect(state.reads).toBe(1);
  });

  it('share one read between everybody who waits', async () => {
    const { state, keys } = await issuer();
    const found = await Promise.all(Array.from({ length: 100 }, () => keys.keyFor(state.first.kid)));
    expect(found.every((key) => key?.kid === state.first.kid)).toBe(true);
    expect(state.reads).toBe(1);
  });

  it('find a key that was rotated in', async () => {
    const { state, keys } = await issuer();
    await keys.keyFor(state.first.kid);
    const fresh = await generateSigningKey();
    state.set = (await SigningKeys.from([fresh, state.first])).jwks();
    state.now = 10;
    expect((await keys.keyFor(fresh.kid))?.kid).toBe(fresh.kid);
    expect(state.reads).toBe(2);
  });

  it('are read at most once per 10 s, however many unknown kids are asked for', async () => {
    const { state, keys } = await issuer();
    await keys.keyFor(state.first.kid);
    for (let tenths = 1; tenths <= 600; tenths += 1) {
      state.now = tenths / 10;
      expect(await keys.keyFor(strangerKid)).toBeUndefined();
    }
    expect(state.reads).toBe(1 + 6);
  });

  it('are refreshed behind a request once they are 10 minutes old', async () => {
    const { state, keys } = await issuer();
    await keys.keyFor(state.first.kid);
    const fresh = await generateSigningKey();
    state.set = (await SigningKeys.from([fresh])).jwks();
    state.now = 600;
    expect(await keys.keyFor(state.first.kid)).toBeDefined();
    expect((await keys.keyFor(fresh.kid))?.kid).toBe(fresh.kid);
    expect(await keys.keyFor(state.first.kid)).toBeUndefined();
    expect(state.reads).toBe(2);
  });

  it('serve up to an hour while the issuer is down, then nobody can tell', async () => {
    const { state, keys } = await issuer();
    await keys.keyFor(state.first.kid);
    state.failure = new Error('down');
    state.now = 3599;
    expect(await keys.keyFor(state.first.kid)).toBeDefined();
    state.now = 3600;
    await expect(keys.keyFor(state.first.kid)).rejects.toThrow(KeysUnavailableError);
    state.failure = undefined;
    state.now = 3620;
    expect(await keys.keyFor(state.first.kid)).toBeDefined();
  });

  it('do not call a key unknown while the last read failed', async () => {
    const { state, keys } = await issuer();
    await keys.keyFor(state.first.kid);
    state.failure = new Error('down');
    state.now = 11;
    await expect(keys.keyFor(strangerKid)).rejects.toThrow(KeysUnavailableError);
    state.now = 12;
    await expect(keys.keyFor(strangerKid)).rejects.toMatchObject({ cause: state.failure });
    expect(state.reads).toBe(2);
  });

  it('are tried again after a second when the first read ever fails', async () => {
    const { state, keys } = await issuer();
    state.failure = new Error('not up yet');
    await expect(keys.keyFor(state.first.kid)).rejects.toThrow(KeysUnavailableError);
    await expect(keys.keyFor(state.first.kid)).rejects.toThrow(KeysUnavailableError);
    expect(state.reads).toBe(1);
    state.failure = undefined;
    state.now = 1;
    expect(await keys.keyFor(state.first.kid)).toBeDefined();
  });

  it('give up on a read that hangs, and say so to the reader', async () => {
    let signal: AbortSignal | undefined;
    const keys = new PublishedKeys({
      timeoutSeconds: 0.01,
      load: (given) => {
        signal = given;
        return new Promise<JwksDocument>(() => undefined);
      },
    });
    await expect(keys.keyFor(strangerKid)).rejects.toThrow(KeysUnavailableError);
    expect(signal?.aborted).toBe(true);
  });

  it('take EdDSA and ES256 signing keys from a set and pass over the rest', async () => {
    const ed = (await SigningKeys.from([await generateSigningKey()])).jwks().keys[0];
    const pair = async (alg: string) => exportJWK((await generateKeyPair(alg, { extractable: true })).publicKey);
    const [p256, p384, rsa] = [await pair('ES256'), await pair('ES384'), await pair('RS256')];
    const odd: JWK[] = [{ kty: 'oct', k: 'c2VjcmV0' }, { kty: 'OKP', crv: 'Ed25519', x: 'short' }, p384, rsa];
    const usedElsewhere: JWK[] = [
      { ...p256, use: 'enc' },
      { ...p256, alg: 'ES384' },
      { ...ed, kid: strangerKid },
    ];
    const found = async (keys: JWK[]) => {
      const published = new PublishedKeys({ load: async () => ({ keys }) });
      const { calculateJwkThumbprint } = await import('jose');
      return [await published.keyFor(ed.kid!), await published.keyFor(await calculateJwkThumbprint(p256))];
    };
    expect((await found([...odd, ed, p256])).map((key) => key?.algorithm)).toEqual(['EdDSA', 'ES256']);
    await expect(found([...odd, ...usedElsewhere])).rejects.toThrow(KeysUnavailableError);
  });
});
