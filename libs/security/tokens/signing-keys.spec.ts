import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { verificationKey } from './key-source.js';
import { generateSigningKey, SigningKeys } from './signing-keys.js';
import type { SigningKeyJwk } from './signing-keys.js';

describe('signing keys', () => {
  it('are named by their RFC 7638 thumbprint', async () => {
    const key = await generateSigningKey();
    expect(key).toMatchObject({ kty: 'OKP', crv: 'Ed25519' });
    expect(key.kid).toBe(await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x: key.x }));
    expect(key.kid).toHaveLength(43);
  });

  it('agree with the thumbprint printed in RFC 8037 appendix A.3', async () => {
    const key = await verificationKey({
      kty: 'OKP',
      crv: 'Ed25519',
      x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    });
    expect(key?.kid).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
  });

  it('sign with the first and verify with both', async () => {
    const [current, previous] = [await generateSigningKey(), await generateSigningKey()];
    const keys = await SigningKeys.from([current, previous]);
    expect(keys.currentKid).toBe(current.kid);
    expect((await keys.keyFor(current.kid))?.algorithm).toBe('EdDSA');
    expect((await keys.keyFor(previous.kid))?.kid).toBe(previous.kid);
    expect(await keys.keyFor((await generateSigningKey()).kid)).toBeUndefined();
  });

  it('survive a trip through JSON, as rows of a table do', async () => {
    const stored = JSON.stringify([await generateSigningKey()]);
    await expect(SigningKeys.from(JSON.parse(stored))).resolves.toBeInstanceOf(SigningKeys);
  });

  it('publish public members only, and a copy nobody can tamper with', async () => {
    const [current, previous] = [await generateSigningKey(), await generateSigningKey()];
    const keys = await SigningKeys.from([current, previous]);
    expect(keys.jwks().keys).toEqual(
      [current, previous].map(({ kid, x }) => ({ kty: 'OKP', crv: 'Ed25519', x, kid, use: 'sig', alg: 'EdDSA' })),
    );
    keys.jwks().keys[0].x = 'mine';
    expect(keys.jwks().keys[0].x).toBe(current.x);
    expect(JSON.stringify(keys.jwks())).not.toContain(current.d);
  });

  it('do not let the private half out', async () => {
    const keys = await SigningKeys.from([await generateSigningKey()]);
    expect(keys.signingKey.extractable).toBe(false);
  });

  const refused: [string, () => Promise<unknown[]>][] = [
    ['none', async () => []],
    ['three', async () => [await generateSigningKey(), await generateSigningKey(), await generateSigningKey()]],
    ['the same twice', async () => Array(2).fill(await generateSigningKey())],
    ['a foreign kid', async () => [{ ...(await generateSigningKey()), kid: (await generateSigningKey()).kid }]],
    ['no kid', async () => [{ ...(await generateSigningKey()), kid: undefined }]],
    ['a public key', async () => [{ ...(await generateSigningKey()), d: undefined }]],
    ['mixed halves', async () => [{ ...(await generateSigningKey()), d: (await generateSigningKey()).d }]],
    ['a P-256 key', async () => [await exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey)]],
  ];
  it.each(refused)('refuse %s', async (_, make) => {
    await expect(SigningKeys.from((await make()) as SigningKeyJwk[])).rejects.toThrow(TypeError);
  });
});
