import fs from 'node:fs';

export default async function globalTeardown() {
  const started = globalThis.holdfastPostgres;
  if (!started) return;
  await started.postgres.stop();
  fs.rmSync(started.dataDir, { recursive: true, force: true });
}
