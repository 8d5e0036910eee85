// npm start: the whole shop in one process, with a PostgreSQL of its own. `--debug` opens the monolith's inspector.
import { build } from './build.mjs';
import { runCommand, say, welcome } from './launch/command.mjs';
import { startShop } from './launch/shop.mjs';

await runCommand(async (signal) => {
  const { compiled } = await build();
  say(`build       ${compiled === 0 ? 'up to date' : `${compiled} files compiled`}`);
  const nodeArgs = process.argv.includes('--debug') ? ['--inspect'] : [];
  const shop = await startShop({ log: say, nodeArgs, signal });
  welcome(shop.url);
  return shop;
});
