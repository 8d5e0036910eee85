// npm run start:topology -- topology/NAME.yaml: checks a topology, prints the plan, runs it, and takes it down in order.
// --plan prints the plan only.
import { build } from './build.mjs';
import { runCommand, say, welcome } from './launch/command.mjs';
import { planLines } from './topology/plan.mjs';
import { planTopology, startTopology } from './topology/start-topology.mjs';
import { createScreen } from './topology/table.mjs';

const file = process.argv.slice(2).find((argument) => !argument.startsWith('-'));
const planOnly = process.argv.includes('--plan');

await runCommand(async (signal) => {
  if (!file) throw new Error('Which topology? For example: npm run start:topology -- topology/split.yaml');
  const { compiled } = await build();
  say(`build       ${compiled === 0 ? 'up to date' : `${compiled} files compiled`}`);
  if (planOnly) {
    for (const line of planLines(await planTopology(file))) say(line);
    return { exited: Promise.resolve(0), stop: async () => [], kill: () => {} };
  }
  let processes = [];
  const screen = createScreen({ processes: () => processes });
  const running = await startTopology(file, {
    signal,
    log: screen.say,
    changed: screen.changed,
    started: (all) => (processes = all),
    ...(screen.live && { output: 'pipe', written: screen.write, withLag: true }),
  });
  welcome(running.url);
  return {
    ...running,
    stop: async () => {
      const complaints = await running.stop();
      screen.close();
      return complaints;
    },
  };
});
