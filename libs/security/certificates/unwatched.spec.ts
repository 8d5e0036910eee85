import { jest } from '@jest/globals';
import fs, { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { LocalAuthority } from './local-authority.js';

// A machine where everything that may be watched is watched already: /proc/sys/fs/inotify/max_user_watches.
jest.unstable_mockModule('node:fs', () => ({
  ...fs,
  default: fs,
  watch: () => {
    throw Object.assign(new Error('System limit for number of file watchers reached'), { code: 'ENOSPC' });
  },
}));
const { CertificateFiles } = await import('./certificate-files.js');

describe('certificates in files that the system does not watch', () => {
  it('are read again all the same', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-certificates-'));
    const authority = await LocalAuthority.make();
    const paths = await authority.issueTo(folder, { name: 'orders' });
    const files = new CertificateFiles({ ...paths, lookEveryMs: 20 });
    try {
      const { cert } = files.current;
      const renewed = new Promise<{ cert: string }>((resolve) => files.onChange(resolve));
      await authority.issueTo(folder, { name: 'orders' });
      expect((await renewed).cert).not.toBe(cert);
    } finally {
      files.close();
      rmSync(folder, { recursive: true });
    }
  });
});
