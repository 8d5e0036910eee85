import { generateKeyPairSync } from 'node:crypto';
import { GivenKeys, readPrivateKey, readPublicKeys } from './key-files.js';
import { SigningKeys } from './signing-keys.js';

const pair = () => generateKeyPairSync('ed25519');
const privatePem = (key = pair().privateKey) => key.export({ type: 'pkcs8', format: 'pem' }) as string;
const publicPem = (key = pair().publicKey) => key.export({ type: 'spki', format: 'pem' }) as string;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

describe('keys in PEM form', () => {
  it('belong together, also written in one line', async () => {
    const { privateKey, publicKey } = pair();
    const keys = await SigningKeys.from([readPrivateKey(privatePem(privateKey))]);
    for (const text of [
      publicPem(publicKey),
      publicPem(publicKey).replaceAll('\n', ''),
      `${publicPem()}${publicPem(publicKey)}`,
    ]) {
      const given = new GivenKeys(readPublicKeys(text));
      expect(await given.keyFor(keys.currentKid)).toMatchObject({ kid: keys.currentKid, algorithm: 'EdDSA' });
    }
    expect(readPrivateKey(privatePem(privateKey).replaceAll('\n', '')).kid).toBe(keys.currentKid);
    expect(await new GivenKeys(readPublicKeys(publicPem())).keyFor(keys.currentKid)).toBeUndefined();
  });

  it.each([
    '',
    'no key',
    publicPem(),
    `${privatePem()}${privatePem()}`,
    `${privatePem()}more`,
    rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    privatePem().replace(/M/, 'A'),
  ])('are refused where a private key belongs (%#)', (text) => expect(() => readPrivateKey(text)).toThrow(TypeError));

  it.each([
    '',
    'no key',
    privatePem(),
    `${publicPem()}${publicPem()}${publicPem()}`,
    `${publicPem()}${privatePem()}`,
    rsa.publicKey.export({ type: 'spki', format: 'pem' }) as string,
  ])('are refused where public keys belong (%#)', (text) => expect(() => readPublicKeys(text)).toThrow(TypeError));
});
