import { AccessTokenIssuer, SigningKeys, generateSigningKey } from '@holdfast/security';
import { EdgeTokens } from './edge-tokens.js';

const names = { issuer: 'https://shop.test', audience: 'the-edge' };
const ada = { id: 'ada', roles: [], sessionId: 'session-1' };

/** Rejects when the signal fires. */
const gaveUp = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

/** An edge, and the context that issues tokens with what it answers. */
async function shop() {
  const keys = await SigningKeys.from([await generateSigningKey()]);
  const users = { ended: [] as string[], away: false, silent: false, asked: [] as number[] };
  let answered = (): void => {};
  const feed = {
    tokenFacts: async (withinSeconds: number, signal?: AbortSignal) => {
      users.asked.push(withinSeconds);
      if (users.silent) await gaveUp(signal!);
      queueMicrotask(() => answered());
      if (users.away) throw new Error('nobody answers');
      return { keys: keys.jwks().keys, endedSessions: users.ended };
    },
  };
  const edge = new EdgeTokens({ feed, ...names });
  const { accessToken } = await new AccessTokenIssuer({ ...names, keys }).issue(ada);
  /** Resolves after the next question was answered. */
  const nextRound = () => new Promise<void>((resolve) => (answered = () => setImmediate(resolve)));
  return { edge, users, accessToken, nextRound };
}

describe('what an edge knows about tokens', () => {
  it('knows the sessions that ended no later than the keys', async () => {
    const { edge, users, accessToken } = await shop();
    users.ended = ['session-1'];
    await expect(edge.verifier.verify(accessToken)).rejects.toMatchObject({ reason: 'revoked' });
    expect(users.asked).toEqual([1_200]); // whatever a token's life could still reach back to
  });

  it('refuses at once what it hears itself', async () => {
    const { edge, accessToken } = await shop();
    expect((await edge.verifier.verify(accessToken)).principal).toEqual(ada);
    edge.sessionEnded('session-1');
    await expect(edge.verifier.verify(accessToken)).rejects.toMatchObject({ reason: 'revoked' });
  });

  it('hears of the end through another edge in the next round', async () => {
    const { edge, users, accessToken, nextRound } = await shop();
    await edge.verifier.verify(accessToken);
    users.ended = ['session-1'];
    const heard = nextRound();
    edge.watch(1);
    await heard;
    await expect(edge.verifier.verify(accessToken)).rejects.toMatchObject({ reason: 'revoked' });
    edge.stop();
    expect(users.asked.at(-1)).toBeLessThan(120); // the rest it has heard before
  });

  it('believes what it knew while nobody answers, and says why', async () => {
    const { edge, users, accessToken, nextRound } = await shop();
    await edge.verifier.verify(accessToken);
    users.away = true;
    const asked = nextRound();
    edge.watch(1);
    await asked;
    expect(edge.lastFailure).toMatchObject({ message: 'nobody answers' });
    expect((await edge.verifier.verify(accessToken)).principal).toEqual(ada);
    users.away = false;
    await nextRound();
    expect(edge.lastFailure).toBeUndefined();
    edge.stop();
  });

  it('gives up a question that is not answered, and asks the next', async () => {
    const { edge, users, accessToken, nextRound } = await shop();
    users.silent = true;
    const failed = Promise.withResolvers<void>();
    const watched = setInterval(() => edge.lastFailure !== undefined && failed.resolve(), 10);
    edge.watch(1);
    await failed.promise;
    clearInterval(watched);
    expect(edge.lastFailure).toMatchObject({ name: 'TimeoutError' });
    users.silent = false;
    users.ended = ['session-1'];
    await nextRound();
    await expect(edge.verifier.verify(accessToken)).rejects.toMatchObject({ reason: 'revoked' });
    edge.stop();
  }, 10_000);

  it('gives up reading the keys when the reader of keys does', async () => {
    const { edge, users, accessToken } = await shop();
    users.silent = true;
    await expect(edge.verifier.verify(accessToken)).rejects.toMatchObject({ name: 'KeysUnavailableError' });
    await new Promise(setImmediate);
    expect(edge.lastFailure).toMatchObject({ message: 'Reading the key set took too long' });
  }, 10_000);

  it('can say nothing before it was ever answered', async () => {
    const { edge, users, accessToken } = await shop();
    users.away = true;
    await expect(edge.verifier.verify(accessToken)).rejects.toMatchObject({ name: 'KeysUnavailableError' });
  });
});
