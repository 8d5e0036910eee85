import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync, watch, type FSWatcher } from 'node:fs';
import path from 'node:path';
import type { CertificatePaths } from './local-authority.js';

/** PEM texts that belong together. */
export interface Certificates {
  cert: string;
  key: string;
  ca: string;
}

export interface CertificateFilesOptions extends CertificatePaths {
  /** Told why a change was not taken; the certificate before it stays in use. */
  failed?: (error: Error) => void;
  /** Milliseconds between looks in case the system reports no change; default 30,000. */
  lookEveryMs?: number;
}

export class InvalidCertificate extends Error {
  override readonly name = 'InvalidCertificate';
}

/** Renewing writes three files; one look sees them all. */
const SETTLED_MS = 50;

/**
 * A certificate, its key and the authority that vouches for the other side, read again when their files change, so that
 * they are renewed without a restart.
 *
 * @throws InvalidCertificate when a file cannot be read, is no certificate, does not fit its key or is out of date
 * @example
 * const files = new CertificateFiles({ certFile, keyFile, caFile });
 * const server = https.createServer({ ...files.current, requestCert: true });
 * files.onChange((renewed) => server.setSecureContext(renewed));
 */
export class CertificateFiles {
  private known: Certificates;
  private readonly listeners = new Set<(renewed: Certificates) => void>();
  private readonly watchers: FSWatcher[];
  private readonly interval: NodeJS.Timeout;
  private soon?: NodeJS.Timeout;

  constructor(private readonly options: CertificateFilesOptions) {
    this.known = read(options);
    const folders = new Set([options.certFile, options.keyFile, options.caFile].map((file) => path.dirname(file)));
    this.watchers = [...folders].flatMap((folder) => this.watched(folder));
    this.interval = setInterval(() => this.look(), options.lookEveryMs ?? 30_000).unref();
  }

  get current(): Certificates {
    return this.known;
  }

  /** Called with every certificate that takes the place of an older one. */
  onChange(listener: (renewed: Certificates) => void): void {
    this.listeners.add(listener);
  }

  close(): void {
    clearInterval(this.interval);
    clearTimeout(this.soon);
    for (const watcher of this.watchers) watcher.close();
  }

  /** None where the system watches as much as it may, or the folder is gone: the interval looks all the same. */
  private watched(folder: string): FSWatcher[] {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.lookSoon());
      return [watcher.on('error', () => watcher.close())];
    } catch {
      return [];
    }
  }

  private lookSoon(): void {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.look(), SETTLED_MS).unref();
  }

  private look(): void {
    try {
      const found = read(this.options);
      const { cert, key, ca } = this.known;
      if (found.cert === cert && found.key === key && found.ca === ca) return;
      this.known = found;
      for (const listener of this.listeners) listener(found);
    } catch (error) {
      this.options.failed?.(error as Error);
    }
  }
}

function read({ certFile, keyFile, caFile }: CertificatePaths): Certificates {
  const [cert, key, ca] = [certFile, keyFile, caFile].map((file) => textOf(file)) as [string, string, string];
  try {
    const [certificate] = [cert, ca].map((pem) => new X509Certificate(pem)) as [X509Certificate, X509Certificate];
    if (!certificate.checkPrivateKey(createPrivateKey(key)))
      throw new InvalidCertificate(
        `${certFile} is not the certificate of ${keyFile}: put in a pair that was issued together`,
      );
    if (certificate.validToDate.getTime() <= Date.now())
      throw new InvalidCertificate(`${certFile} has expired (${certificate.validTo}): renew it`);
  } catch (error) {
    if (error instanceof InvalidCertificate) throw error;
    const what = (error as Error).message;
    throw new InvalidCertificate(`${certFile}, ${keyFile} or ${caFile} is not PEM of a certificate or key (${what})`);
  }
  return { cert, key, ca };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new InvalidCertificate(`${file} cannot be read (${why}): point to a file that this process may read`);
  }
}
