// npm run start:dev: like npm start, and every saved change is compiled and the shop started again.
// A change below migrations/ is applied first.
import fs from 'node:fs';
import path from 'node:path';
import { build, sourceFolders } from './build.mjs';
import { stopAndTell } from './launch/app.mjs';
import { runCommand, say, welcome } from './launch/command.mjs';
import { startMonolith } from './launch/shop.mjs';
import { startSupport } from './launch/support.mjs';

await runCommand(async (signal) => {
  await build();
  const support = await startSupport({ command: 'npm run start:dev', log: say, signal });
  let app;
  let queue = Promise.resolve();

  const restart = async (migrate) => {
    await app?.stop();
    if (signal.aborted) return;
    try {
      if (migrate) await support.migrate();
      app = await startMonolith(support, { signal });
      say('ready');
    } catch (error) {
      app = undefined;
      if (!signal.aborted) say(`${error.message} Waiting for a change.`);
    }
  };
  await restart(false);
  if (app) welcome(support.origin);

  let timer;
  let migrations = false;
  const onChange = async () => {
    try {
      const { compiled, removed } = await build();
      if (compiled + removed === 0 || signal.aborted) return;
      const migrate = migrations; // also one that was saved before something else compiled
      migrations = false;
      say(`${compiled} compiled, ${removed} removed; starting again`);
      await restart(migrate);
    } catch (error) {
      say(error.message);
    }
  };
  const watchers = sourceFolders
    .filter((folder) => fs.existsSync(folder))
    .map((folder) =>
      fs.watch(folder, { recursive: true }, () => {
        migrations ||= path.basename(folder) === 'migrations';
        clearTimeout(timer);
        timer = setTimeout(() => (queue = queue.then(onChange)), 80);
      }),
    );

  return {
    exited: new Promise(() => {}), // a shop that ends waits for the next change
    stop: async () => {
      clearTimeout(timer);
      watchers.forEach((watcher) => watcher.close());
      await queue;
      const complaints = app ? await stopAndTell('the shop', app) : [];
      await support.stop();
      return complaints;
    },
    kill: () => [app, support].forEach((one) => one?.kill()),
  };
});
