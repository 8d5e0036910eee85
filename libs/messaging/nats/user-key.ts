import { createPrivateKey, createPublicKey, sign } from 'node:crypto';

/** What a user of NATS proves who it is with. */
export interface UserKey {
  /** What the server knows it by, `U…`. */
  publicKey: string;
  /** The answer to the server's challenge. */
  sign(nonce: string): Uint8Array;
}

const USER = 20 << 3; // comes out as a "U"
const SEED = 18 << 3; // as an "S"
const SEED_BYTES = 32;

/** The DER of an Ed25519 private key up to the seed itself (RFC 8410, section 7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * The key pair of an nkey seed. NATS's own library has its curve in JavaScript, 40 ms and more for the first connection of a
 * process; this is OpenSSL's.
 *
 * @param seed `SU…`
 * @throws Error when it is not a user's seed
 * @see https://github.com/nats-io/nkeys#encoding
 */
export function userKey(seed: string): UserKey {
  const bytes = fromBase32(seed.trim());
  const [first = 0, second = 0] = bytes;
  const body = bytes.subarray(0, -2);
  const isUsers = first === (SEED | (USER >> 5)) && second === (USER & 31) << 3;
  if (bytes.length !== 2 + SEED_BYTES + 2 || !isUsers || crc16(body) !== bytes.readUInt16LE(body.length))
    throw new Error("This is not the seed of a NATS user's key: it has 58 characters and begins with SU");
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, body.subarray(2)]), format: 'der', type: 'pkcs8' });
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return {
    publicKey: encoded(USER, Buffer.from(x!, 'base64url')),
    sign: (nonce) => sign(null, Buffer.from(nonce), key),
  };
}

function encoded(prefix: number, raw: Uint8Array): string {
  const body = Buffer.from([prefix, ...raw]);
  const sum = Buffer.alloc(2);
  sum.writeUInt16LE(crc16(body));
  return toBase32(Buffer.concat([body, sum]));
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'; // RFC 4648, section 6, without padding

function toBase32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return bits.replace(/.{1,5}/g, (five) => ALPHABET[Number.parseInt(five.padEnd(5, '0'), 2)]!);
}

function fromBase32(text: string): Buffer {
  const bits = [...text].map((letter) => Math.max(0, ALPHABET.indexOf(letter)).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** CRC-16/XMODEM. */
function crc16(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) sum = (sum & 0x8000 ? (sum << 1) ^ 0x1021 : sum << 1) & 0xffff;
  }
  return sum;
}
