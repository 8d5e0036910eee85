import fs from 'node:fs';
import { Session } from 'node:inspector/promises';
import path from 'node:path';

/** Starts a CPU profile of this process; the answer ends it and writes it, to be opened with Chrome's or VS Code's viewer. */
export async function startProfile(file) {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, JSON.stringify(profile));
  };
}
