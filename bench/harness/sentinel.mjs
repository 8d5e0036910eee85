// Stands on one core and says how long a fixed piece of work takes there: longer than usual means somebody else is busy.
const TARGET_MS = 20;

function spin(turns) {
  const started = performance.now();
  let x = 1;
  for (let turn = 0; turn < turns; turn++) x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0;
  return { ms: performance.now() - started, x };
}

let turns = 1_000_000;
for (let warm = 0; warm < 10; warm++) spin(turns);
const best = Math.min(...Array.from({ length: 10 }, () => spin(turns).ms));
turns = Math.round((turns * TARGET_MS) / best);

process.on('message', () => process.send(spin(turns).ms));
process.send('ready');
