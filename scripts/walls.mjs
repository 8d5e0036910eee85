// The walls of the house (npm run check runs this). --write renews docs/dependencies.txt; --json <house>... tells what
// stands in each of the given houses, for the tests of the walls themselves.
import fs from 'node:fs';
import path from 'node:path';
import { findMissing } from './walls/contexts.mjs';
import { cruiseHouse, dependenciesText, root, ruleNames } from './walls/cruise.mjs';
import { findUnpublishable, publishedRules } from './walls/published.mjs';
import { findUntidy, tidinessRules } from './walls/tidiness.mjs';

const [mode, ...houses] = process.argv.slice(2);
const document = path.join(root, 'docs', 'dependencies.txt');

async function inspect(house) {
  const { violations, modules } = await cruiseHouse(house);
  return {
    violations: [...violations, ...findUntidy(house), ...findUnpublishable(house)],
    dependencies: dependenciesText(modules),
  };
}

if (mode === '--json') {
  const inspected = {};
  for (const house of houses) inspected[house] = await inspect(path.resolve(house));
  console.log(JSON.stringify({ rules: [...ruleNames, ...tidinessRules, ...publishedRules], houses: inspected }));
} else {
  const { violations, dependencies } = await inspect(root);
  const complaints = violations.map(({ rule, from, to, comment }) => `${rule}: ${from} -> ${to}\n    ${comment}`);
  complaints.push(...findMissing(root));
  const written = fs.existsSync(document) ? fs.readFileSync(document, 'utf8') : '';
  if (mode === '--write') {
    fs.mkdirSync(path.dirname(document), { recursive: true });
    fs.writeFileSync(document, dependencies);
  } else if (written !== dependencies) {
    complaints.push('docs/dependencies.txt is stale. Look at what changed: npm run docs:dependencies');
  }
  for (const complaint of complaints) console.error(`  ${complaint}`);
  console.log(complaints.length === 0 ? 'The walls stand.' : `${complaints.length} found.`);
  process.exitCode = complaints.length === 0 ? 0 : 1;
}
