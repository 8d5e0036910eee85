import { calculateJwkThumbprint, exportJWK, exportSPKI, generateKeyPair } from 'jose';
import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { verificationKey } from './key-source.js';
import { generateSigningKey } from './signing-keys.js';

export interface Victim {
  issuer: string;
  audience: string;
  /** Header `typ`, and the one of the kind for which it must not pass. */
  typ: string;
  other: string;
  lifetimeSeconds: number;
  /** Claims of this kind alone. */
  more?: Record<string, unknown>;
  /** Seconds since 1970. */
  now: number;
  /** An address of the attacker's. */
  evil: string;
}

/**
 * Tokens that a verifier must refuse. The attacker may sign with our own key: what is refused is refused for its form, not
 * for its signature.
 */
export async function maliciousTokens({ issuer, audience, typ, other, lifetimeSeconds, more, now, evil }: Victim) {
  const claims = {
    iss: issuer,
    aud: audience,
    sub: 'ada',
    roles: ['admin'],
    sid: 's',
    jti: 'j',
    iat: now,
    exp: now + lifetimeSeconds,
    ...more,
  };

  const ours = await generateSigningKey();
  const private_ = createPrivateKey({ key: { ...ours } as JsonWebKey, format: 'jwk' });
  const public_ = createPublicKey(private_);
  const header = { alg: 'EdDSA', typ, kid: ours.kid };
  const foreign = await generateSigningKey();
  const foreignPrivate = createPrivateKey({ key: { ...foreign } as JsonWebKey, format: 'jwk' });
  const { kid: foreignKid, d: _secret, ...foreignPublic } = foreign;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const ecPair = await generateKeyPair('ES256', { extractable: true });
  const ec = createPrivateKey({ key: (await exportJWK(ecPair.privateKey)) as JsonWebKey, format: 'jwk' });
  const ecKid = await calculateJwkThumbprint(await exportJWK(ecPair.publicKey));
  const ecKey = (await verificationKey(await exportJWK(ecPair.publicKey)))!;
  const pem = await exportSPKI(ecPair.publicKey);

  const encode = (value: unknown) =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  const seal = (input: string, signature: Buffer | string) =>
    `${input}.${typeof signature === 'string' ? signature : signature.toString('base64url')}`;
  const input = (head: unknown, body: unknown) => `${encode(head)}.${encode(body)}`;
  const signed = (head: unknown, body: unknown = claims, key: KeyObject = private_) =>
    seal(input(head, body), sign(null, Buffer.from(input(head, body)), key));
  const withHeader = (change: object) => signed({ ...header, ...change });
  const withClaims = (change: object) => signed(header, { ...claims, ...change });
  const without = (claim: keyof typeof claims) => signed(header, { ...claims, [claim]: undefined });
  const hmac = (alg: string, hash: string, key: string | Buffer, change: object = {}) => {
    const text = input({ ...header, alg, ...change }, claims);
    return seal(text, createHmac(hash, key).update(text).digest());
  };
  const es256 = (change: object = {}, key = ec) => {
    const text = input({ ...header, alg: 'ES256', kid: ecKid, ...change }, claims);
    return seal(text, sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }));
  };
  const rsaSigned = (alg: string) => {
    const text = input({ ...header, alg }, claims);
    return seal(text, sign('sha256', Buffer.from(text), rsa));
  };
  const valid = signed(header);
  const [validHeader, validPayload, validSignature] = valid.split('.');
  const trailingBits = (text: string) => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    return text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1)!) + 1];
  };
  const rawClaims = (text: string) => signed(header, text);
  const malicious: Record<string, unknown> = {
    'alg none, empty signature': seal(input({ ...header, alg: 'none' }, claims), ''),
    'alg None': seal(input({ ...header, alg: 'None' }, claims), ''),
    'alg nOnE with a signature': withHeader({ alg: 'nOnE' }),
    'alg NONE with a signature': withHeader({ alg: 'NONE' }),
    'alg none with the real signature': withHeader({ alg: 'none' }),
    'empty signature': seal(`${validHeader}.${validPayload}`, ''),
    'no signature segment': `${validHeader}.${validPayload}`,
    'HS256 with the raw public key': hmac('HS256', 'sha256', Buffer.from(ours.x, 'base64url')),
    'HS256 with the public key as PEM': hmac(
      'HS256',
      'sha256',
      public_.export({ type: 'spki', format: 'pem' }) as string,
    ),
    'HS256 with the public key as DER': hmac('HS256', 'sha256', public_.export({ type: 'spki', format: 'der' })),
    'HS256 with the public key as JWK': hmac('HS256', 'sha256', JSON.stringify(public_.export({ format: 'jwk' }))),
    'HS256 with the EC public key as PEM': hmac('HS256', 'sha256', pem, { kid: ecKid }),
    'HS512 with the public key': hmac('HS512', 'sha512', Buffer.from(ours.x, 'base64url')),
    'HS256 with an empty secret': hmac('HS256', 'sha256', ''),
    'HS256 labelled EdDSA': hmac('EdDSA', 'sha256', Buffer.from(ours.x, 'base64url')),
    'alg RS256': rsaSigned('RS256'),
    'alg PS256': rsaSigned('PS256'),
    'RSA signature labelled EdDSA': rsaSigned('EdDSA'),
    'alg ES256 with an Ed25519 key': withHeader({ alg: 'ES256' }),
    'alg EdDSA with a P-256 key': es256({ alg: 'EdDSA' }),
    'alg ES384': es256({ alg: 'ES384' }),
    'alg Ed25519': withHeader({ alg: 'Ed25519' }),
    'alg eddsa': withHeader({ alg: 'eddsa' }),
    'alg missing': withHeader({ alg: undefined }),
    'alg as list': withHeader({ alg: ['EdDSA'] }),
    'ES256 with r = s = 0': seal(input({ ...header, alg: 'ES256', kid: ecKid }, claims), Buffer.alloc(64)),
    'ES256 in DER': seal(
      input({ ...header, alg: 'ES256', kid: ecKid }, claims),
      sign('sha256', Buffer.from(input({ ...header, alg: 'ES256', kid: ecKid }, claims)), ec),
    ),
    'EdDSA signature of zeros': seal(`${validHeader}.${validPayload}`, Buffer.alloc(64)),
    'signature of another token': seal(input(header, { ...claims, sub: 'root' }), validSignature),
    'a longer signature': seal(
      `${validHeader}.${validPayload}`,
      Buffer.concat([Buffer.from(validSignature, 'base64url'), Buffer.alloc(2)]),
    ),
    'a foreign key under our kid': signed(header, claims, foreignPrivate),
    'a foreign key under its kid': signed({ ...header, kid: foreignKid }, claims, foreignPrivate),
    'a foreign key embedded as jwk': signed({ ...header, kid: foreignKid, jwk: foreignPublic }, claims, foreignPrivate),
    'a foreign key embedded as jwk under our kid': signed({ ...header, jwk: foreignPublic }, claims, foreignPrivate),
    'our own key embedded as jwk': withHeader({ jwk: public_.export({ format: 'jwk' }) }),
    jku: signed({ ...header, kid: foreignKid, jku: evil }, claims, foreignPrivate),
    'jku, truly signed': withHeader({ jku: evil }),
    x5u: withHeader({ x5u: evil }),
    x5c: withHeader({ x5c: ['MIIB'] }),
    'kid missing': withHeader({ kid: undefined }),
    'kid null': withHeader({ kid: null }),
    'kid empty': withHeader({ kid: '' }),
    'kid as list': withHeader({ kid: [ours.kid] }),
    'kid as number': withHeader({ kid: 1 }),
    'kid as path': withHeader({ kid: '../../../../../../dev/null' }),
    'kid as SQL': withHeader({ kid: `' union select '${'A'.repeat(22)}' --` }),
    'kid as address': withHeader({ kid: evil }),
    'kid with our kid and more': withHeader({ kid: `${ours.kid}\u0000` }),
    'kid __proto__': withHeader({ kid: '__proto__' }),
    'kid of 10 kB': withHeader({ kid: 'A'.repeat(10_240) }),
    'crit unknown': withHeader({ crit: ['exp'], exp: 1 }),
    'crit empty': withHeader({ crit: [] }),
    'crit b64 false': withHeader({ crit: ['b64'], b64: false }),
    'b64 false': withHeader({ b64: false }),
    zip: withHeader({ zip: 'DEF' }),
    'cty JWT': withHeader({ cty: 'JWT' }),
    'nested JWE': `${encode({ alg: 'dir', enc: 'A256GCM', cty: 'JWT' })}..AAAA.AAAA.AAAA`,
    'a token inside a token': signed(header, valid),
    'typ missing': withHeader({ typ: undefined }),
    'typ JWT': withHeader({ typ: 'JWT' }),
    'typ of an ID token': withHeader({ typ: 'id+jwt' }),
    'typ of a logout token': withHeader({ typ: 'logout+jwt' }),
    'typ of a refresh token': withHeader({ typ: 'rt+jwt' }),
    'typ of the other kind': withHeader({ typ: other }),
    'typ in capitals': withHeader({ typ: typ.toUpperCase() }),
    'typ as list': withHeader({ typ: ['at+jwt'] }),
    'header member twice': signed(`{"alg":"none","alg":"EdDSA","typ":"at+jwt","kid":"${ours.kid}"}`),
    'header with blanks': signed(JSON.stringify(header, null, 1)),
    'header as list': signed([header]),
    'header null': signed('null'),
    'header no JSON': signed('alg'),
    'claim twice': rawClaims(JSON.stringify(claims).replace('"sub":', '"sub":"root","sub":')),
    'claims as list': signed(header, [claims]),
    'claims as text': signed(header, '"claims"'),
    'claims null': signed(header, 'null'),
    'claims broken': rawClaims('{"sub":'),
    'claims not UTF-8': (() => {
      const body = Buffer.concat([Buffer.from('{"sub":"'), Buffer.from([0xff]), Buffer.from('"}')]).toString(
        'base64url',
      );
      return seal(`${validHeader}.${body}`, sign(null, Buffer.from(`${validHeader}.${body}`), private_));
    })(),
    'aud missing': without('aud'),
    'aud of another service': withClaims({ aud: 'payments' }),
    'aud as list': withClaims({ aud: [audience] }),
    'aud as list with others': withClaims({ aud: [audience, 'payments'] }),
    'aud prefix': withClaims({ aud: audience.slice(0, -1) }),
    'aud null': withClaims({ aud: null }),
    'iss missing': without('iss'),
    'iss with slash': withClaims({ iss: `${issuer}/` }),
    'iss in capitals': withClaims({ iss: issuer.toUpperCase() }),
    'iss prefix': withClaims({ iss: 'https://shop.tes' }),
    'iss with suffix': withClaims({ iss: `${issuer}.evil.test` }),
    'iss as list': withClaims({ iss: [issuer] }),
    'exp missing': without('exp'),
    'exp past': withClaims({ iat: now - 700, exp: now - 100 }),
    'exp as text': withClaims({ exp: String(now + 600) }),
    'exp 1e400': rawClaims(JSON.stringify(claims).replace(/"exp":\d+/, '"exp":1e400')),
    'exp −1': withClaims({ exp: -1 }),
    'exp fractional': withClaims({ exp: now + 599.5 }),
    'exp null': withClaims({ exp: null }),
    'exp in a year': withClaims({ exp: now + 365 * 24 * 3600 }),
    'exp beyond safe integers': withClaims({ exp: 2 ** 60 }),
    'exp before iat': withClaims({ iat: now + 20, exp: now + 10 }),
    'iat missing': without('iat'),
    'iat future': withClaims({ iat: now + 300, exp: now + 600 }),
    'iat as text': withClaims({ iat: String(now) }),
    'nbf future': withClaims({ nbf: now + 300 }),
    'nbf as text': withClaims({ nbf: '0' }),
    'sub missing': without('sub'),
    'sub empty': withClaims({ sub: '' }),
    'sub as object': withClaims({ sub: { id: 'ada' } }),
    'sub endless': withClaims({ sub: 'a'.repeat(129) }),
    'jti missing': without('jti'),
    'jti as number': withClaims({ jti: 1 }),
    'roles missing': without('roles'),
    'roles as text': withClaims({ roles: 'admin' }),
    'roles as object': withClaims({ roles: { includes: 'admin' } }),
    'roles with a number': withClaims({ roles: [1] }),
    'sid as number': withClaims({ sid: 1 }),
    'four segments': `${valid}.AAAA`,
    'trailing dot': `${valid}.`,
    'trailing dots': `${valid}...`,
    'leading dot': `.${valid}`,
    'leading blank': ` ${valid}`,
    'trailing blank': `${valid} `,
    'trailing newline': `${valid}\n`,
    'blank inside': valid.replace('.', ' .'),
    'NUL inside': valid.replace('.', '\u0000.'),
    'padded base64': `${valid}==`,
    'base64 with + and /': `${validHeader}.${validPayload}.${'+/'.repeat(43)}`,
    'trailing bits in the signature': `${validHeader}.${validPayload}.${trailingBits(validSignature)}`,
    'signature of one character': `${validHeader}.${validPayload}.A`,
    'only dots': '..',
    'empty text': '',
    'no text': undefined,
    'the word undefined': 'undefined',
    '64 kB of claims': withClaims({ padding: 'A'.repeat(48 * 1024) }),
    '64 kB of dots': '.'.repeat(64 * 1024),
    '64 kB of A': 'A'.repeat(64 * 1024),
  };

  return { malicious, valid, validES256: es256(), ours, ecKid, ecKey, signed: withClaims };
}
