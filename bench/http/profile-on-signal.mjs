// Loaded into the shop with --import: from SIGUSR2 on its CPU is sampled, and at its end the profile is written.
import fs from 'node:fs';
import { Session } from 'node:inspector';
import path from 'node:path';

process.once('SIGUSR2', () => {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: 200 });
  session.post('Profiler.start');
  process.once('exit', () => {
    session.post('Profiler.stop', (_, { profile }) => {
      const file = process.env.BENCH_PROFILE;
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, JSON.stringify(profile));
    });
  });
});
