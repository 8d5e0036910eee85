// A contestant's process: loads its module, starts it, and does what the arena asks until the arena is gone.
import { pathToFileURL } from 'node:url';
import { countQueries } from './count-queries.mjs';
import { startProfile } from './profiler.mjs';

const [file, settings, profile] = process.argv.slice(2);
let endProfile;

try {
  const { start } = await import(pathToFileURL(file).href);
  const contestant = await start(JSON.parse(settings));
  process.on('message', async ({ id, method, argument }) => {
    try {
      process.send({ id, answer: (await answer(contestant, method, argument)) ?? null });
    } catch (error) {
      process.send({ id, failure: error?.stack ?? String(error) });
    }
  });
  process.send({ id: 0, answer: null });
} catch (error) {
  process.send({ id: 0, failure: error?.stack ?? String(error) });
}
process.on('disconnect', () => process.exit());

async function answer(contestant, method, argument) {
  if (method === 'warmUp') return countQueries(contestant.pg, () => contestant.window(argument));
  if (method === 'close') {
    await endProfile?.();
    await contestant.close?.();
    setImmediate(() => process.exit());
    return;
  }
  if (method === 'window' && profile) endProfile ??= await startProfile(profile); // warmed up by now
  return contestant[method](argument);
}
