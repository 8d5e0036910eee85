import type { JsonGeneralName, X509Certificate } from '@peculiar/x509';
import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { spiffeId } from './spiffe.js';

type KeyPair = webcrypto.CryptoKeyPair;

/** Loaded by who issues certificates; a process that only shows its own starts without these 250 modules. */
async function x509(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata'); // first: its parts find each other through it
  return import('@peculiar/x509');
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** SPIRE's choice is an hour, ours a day: a stolen one is of little use, and a night without the launcher is survived. */
const LIFETIME_MS = DAY;
const AUTHORITY_LIFETIME_MS = 730 * DAY;
/** An authority that ends sooner is replaced at the next start. */
const AUTHORITY_LEFT_MS = 60 * DAY;
/** Clocks differ, and containers start in the same second. */
const BACKDATED_MS = 5 * 60_000;

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export interface CertificateRequest {
  /** The process; it becomes the last part of its SPIFFE id. */
  name: string;
  /** Host names it answers to besides `localhost`. */
  hosts?: readonly string[];
  /** Milliseconds; default 24 hours. */
  lifetimeMs?: number;
}

export interface CertificatePaths {
  certFile: string;
  keyFile: string;
  caFile: string;
}

/** Where a certificate is in a folder; the names are those of a Kubernetes TLS secret. */
export function certificatePaths(folder: string): CertificatePaths {
  const [certFile, keyFile, caFile] = ['tls.crt', 'tls.key', 'ca.crt'].map((name) => path.join(folder, name));
  return { certFile: certFile!, keyFile: keyFile!, caFile: caFile! };
}

/**
 * A certificate authority of one machine, so that its processes can know each other: ECDSA P-256, its key in a file that
 * only its owner may read. In a cluster that is the mesh's work, or cert-manager's.
 *
 * @example
 * const authority = await LocalAuthority.in('.holdfast/authority');
 * await authority.issueTo('.holdfast/tls/orders', { name: 'orders' }); // tls.crt, tls.key, ca.crt
 */
export class LocalAuthority {
  private constructor(
    private readonly certificate: X509Certificate,
    private readonly keys: KeyPair,
  ) {}

  /**
   * The authority kept in a folder, made when there is none or when it ends within 60 days.
   *
   * @param folder gets `ca.crt` and `ca.key` (0600)
   */
  static async in(folder: string): Promise<LocalAuthority> {
    const [certFile, keyFile] = [path.join(folder, 'ca.crt'), path.join(folder, 'ca.key')];
    if (existsSync(certFile) && existsSync(keyFile)) {
      const x = await x509();
      const certificate = new x.X509Certificate(readFileSync(certFile, 'utf8'));
      if (certificate.notAfter.getTime() - Date.now() > AUTHORITY_LEFT_MS)
        return new LocalAuthority(certificate, await keysFrom(readFileSync(keyFile, 'utf8'), certificate));
    }
    const made = await LocalAuthority.make();
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    put(keyFile, await privatePem(made.keys), 0o600);
    put(certFile, made.certificate.toString('pem'), 0o644);
    return made;
  }

  /** A new authority that is kept nowhere. */
  static async make(): Promise<LocalAuthority> {
    const x = await x509();
    const keys = await newKeys();
    const certificate = await x.X509CertificateGenerator.createSelfSigned({
      ...validity(AUTHORITY_LIFETIME_MS),
      serialNumber: serialNumber(),
      name: [{ O: ['Holdfast'] }, { CN: ['Holdfast local authority'] }],
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x.BasicConstraintsExtension(true, 0, true),
        new x.KeyUsagesExtension(x.KeyUsageFlags.keyCertSign | x.KeyUsageFlags.cRLSign, true),
        await x.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new LocalAuthority(certificate, keys);
  }

  /** PEM. */
  get caCertificate(): string {
    return this.certificate.toString('pem');
  }

  /** A key and a certificate for both sides of a connection: its SPIFFE id, `localhost` and 127.0.0.1. */
  async issue({
    name,
    hosts = [],
    lifetimeMs = LIFETIME_MS,
  }: CertificateRequest): Promise<{ cert: string; key: string }> {
    const x = await x509();
    const keys = await newKeys();
    const names: JsonGeneralName[] = [
      { type: 'url', value: spiffeId(name) },
      ...['localhost', ...hosts].map((value) => ({ type: 'dns' as const, value })),
      { type: 'ip', value: '127.0.0.1' },
      { type: 'ip', value: '::1' },
    ];
    const certificate = await x.X509CertificateGenerator.create({
      ...validity(lifetimeMs),
      serialNumber: serialNumber(),
      subject: [{ O: ['Holdfast'] }, { CN: [name] }],
      issuer: this.certificate.subjectName,
      publicKey: keys.publicKey,
      signingKey: this.keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x.BasicConstraintsExtension(false, undefined, true),
        new x.KeyUsagesExtension(x.KeyUsageFlags.digitalSignature, true),
        new x.ExtendedKeyUsageExtension([x.ExtendedKeyUsage.serverAuth, x.ExtendedKeyUsage.clientAuth]),
        new x.SubjectAlternativeNameExtension(names),
        await x.SubjectKeyIdentifierExtension.create(keys.publicKey),
        await x.AuthorityKeyIdentifierExtension.create(this.certificate.publicKey),
      ],
    });
    return { cert: certificate.toString('pem'), key: await privatePem(keys) };
  }

  /**
   * Issues into a folder, beside the authority's own certificate. Readers may see the new key with the old certificate for
   * a moment: {@link CertificateFiles} waits until they fit.
   */
  async issueTo(folder: string, request: CertificateRequest): Promise<CertificatePaths> {
    const { cert, key } = await this.issue(request);
    const paths = certificatePaths(folder);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    put(paths.caFile, this.caCertificate, 0o644);
    put(paths.keyFile, key, 0o600);
    put(paths.certFile, cert, 0o644);
    return paths;
  }
}

const newKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<KeyPair>;

async function privatePem({ privateKey }: KeyPair): Promise<string> {
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey));
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' }).export({ type: 'pkcs8', format: 'pem' }) as string;
}

async function keysFrom(pem: string, certificate: X509Certificate): Promise<KeyPair> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  const privateKey = await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, true, ['sign']);
  return { privateKey, publicKey: await certificate.publicKey.export(ALGORITHM, ['verify']) };
}

function validity(lifetimeMs: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - BACKDATED_MS), notAfter: new Date(now + lifetimeMs) };
}

/** 126 random bits, positive and never empty (RFC 5280 §4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function put(file: string, text: string, mode: number): void {
  writeFileSync(`${file}.draft`, text, { mode });
  renameSync(`${file}.draft`, file);
}
