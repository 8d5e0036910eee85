import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { CertificateFiles, type Certificates } from './certificate-files.js';
import { LocalAuthority, certificatePaths } from './local-authority.js';
import { peerId } from './spiffe.js';

let folder: string;
let open: CertificateFiles[] = [];
beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-certificates-'))));
afterEach(() => {
  for (const one of open) one.close();
  open = [];
  rmSync(folder, { recursive: true });
});

const place = (name: string) => path.join(folder, name);

describe('an authority of one machine', () => {
  it('vouches for a process by name, for a day, on both sides', async () => {
    const authority = await LocalAuthority.make();
    const { cert, key } = await authority.issue({ name: 'orders', hosts: ['orders.internal'] });
    const [certificate, ca] = [new X509Certificate(cert), new X509Certificate(authority.caCertificate)];
    expect(certificate.verify(ca.publicKey)).toBe(true);
    expect(certificate.checkIssued(ca)).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(ca.ca).toBe(true);
    expect(certificate.checkHost('orders.internal')).toBeDefined();
    expect(certificate.checkIP('127.0.0.1')).toBeDefined();
    expect(certificate.subjectAltName).toContain('URI:spiffe://holdfast.local/orders');
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    expect(certificate.validToDate.getTime() - Date.now()).toBeLessThanOrEqual(24 * 3_600_000);
    expect(key).toContain('PRIVATE KEY');
  });

  it('is the same at the next start, and keeps its key to itself', async () => {
    const first = await LocalAuthority.in(place('authority'));
    const again = await LocalAuthority.in(place('authority'));
    expect(again.caCertificate).toBe(first.caCertificate);
    const { cert } = await again.issue({ name: 'orders' });
    expect(new X509Certificate(cert).verify(new X509Certificate(first.caCertificate).publicKey)).toBe(true);
    if (process.platform === 'win32') return;
    expect(statSync(path.join(place('authority'), 'ca.key')).mode & 0o777).toBe(0o600);
    expect(statSync((await again.issueTo(place('orders'), { name: 'orders' })).keyFile).mode & 0o777).toBe(0o600);
  });
});

describe('certificates in files', () => {
  async function opened(failed: (error: Error) => void = () => undefined) {
    const authority = await LocalAuthority.make();
    const paths = await authority.issueTo(place('orders'), { name: 'orders' });
    const files = new CertificateFiles({ ...paths, failed, lookEveryMs: 20 });
    open.push(files);
    return { authority, files };
  }

  it('are read again when they are renewed', async () => {
    const { authority, files } = await opened();
    const before = files.current.cert;
    const renewed = new Promise<Certificates>((resolve) => files.onChange(resolve));
    await authority.issueTo(place('orders'), { name: 'orders' });
    expect((await renewed).cert).not.toBe(before);
    expect(files.current).toEqual(await renewed);
  });

  it('stay in use when what takes their place is of no use', async () => {
    const complaint = Promise.withResolvers<Error>();
    const { files } = await opened(complaint.resolve);
    const before = files.current;
    writeFileSync(certificatePaths(place('orders')).certFile, 'nonsense');
    expect((await complaint.promise).message).toContain('is not PEM of a certificate');
    expect(files.current).toBe(before);
  });

  it('are refused at start when they are missing, strangers to each other, or out of date', async () => {
    const authority = await LocalAuthority.make();
    const [orders, catalog] = [place('orders'), place('catalog')];
    await authority.issueTo(orders, { name: 'orders' });
    await authority.issueTo(catalog, { name: 'catalog' });
    const paths = certificatePaths(orders);
    const start = (more: object) => () => open.push(new CertificateFiles({ ...paths, ...more }));
    expect(start({ keyFile: place('nowhere') })).toThrow('cannot be read (ENOENT)');
    expect(start({ keyFile: certificatePaths(catalog).keyFile })).toThrow('is not the certificate of');
    await authority.issueTo(orders, { name: 'orders', lifetimeMs: -1_000 });
    expect(start({})).toThrow('has expired');
  });
});

describe('who is at the other end', () => {
  async function seen(client: Partial<Certificates>, trusting: LocalAuthority): Promise<string | undefined> {
    const own = await trusting.issue({ name: 'orders' });
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const options = { ...own, ca: trusting.caCertificate, requestCert: true, rejectUnauthorized: false };
    const server = createServer(options, (socket: TLSSocket) => {
      resolve(peerId(socket));
      socket.end();
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as { port: number };
    const caller = connect({ port, host: '127.0.0.1', ca: trusting.caCertificate, ...client });
    caller.on('error', () => undefined);
    try {
      return await promise;
    } finally {
      caller.destroy();
      server.close();
    }
  }

  it('is named by a certificate of an authority that is trusted, and by no other', async () => {
    const [ours, theirs] = [await LocalAuthority.make(), await LocalAuthority.make()];
    expect(await seen(await ours.issue({ name: 'gateway' }), ours)).toBe('spiffe://holdfast.local/gateway');
    expect(await seen(await theirs.issue({ name: 'gateway' }), ours)).toBeUndefined();
    expect(await seen(await ours.issue({ name: 'gateway', lifetimeMs: -1_000 }), ours)).toBeUndefined();
    expect(await seen({}, ours)).toBeUndefined();
  });
});
