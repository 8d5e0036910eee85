import { nkeys } from '@nats-io/transport-node';
import { userKey } from './user-key.js';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const NONCE = 'a challenge';

describe("a NATS user's key", () => {
  it("is the one that NATS's own library makes of the seed", () => {
    for (let n = 0; n < 2; n++) {
      const theirs = nkeys.createUser();
      const ours = userKey(`${text(theirs.getSeed())}\n`);
      expect(ours.publicKey).toBe(theirs.getPublicKey());
      expect(Buffer.from(ours.sign(NONCE))).toEqual(Buffer.from(theirs.sign(new TextEncoder().encode(NONCE))));
    }
  });

  it.each([
    ['nothing', ''],
    ['somebody else’s kind of key', text(nkeys.createServer().getSeed())],
    ['a public key', nkeys.createUser().getPublicKey()],
    [
      'one with a letter that is wrong',
      text(nkeys.createUser().getSeed()).replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')),
    ],
    ['one that is cut off', text(nkeys.createUser().getSeed()).slice(0, -1)],
  ])('is not made of %s', (_, seed) => {
    expect(() => userKey(seed)).toThrow('This is not the seed');
  });
});
