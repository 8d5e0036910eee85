/**
 * What was injected, what held and what this machine cannot do, as text: a row per family, and under it what its tests said.
 *
 * @param {{ name: string, red: boolean, minutes: string, injected: number, held: number, skipped: number,
 *   lines: { title: string, injected: string, held: string }[] }[]} results
 */
export function tableOf(results) {
  const width = Math.max(...results.map(({ name }) => name.length));
  const rows = results.flatMap(({ name, red, minutes, injected, held, skipped, lines }) => {
    const verdict = red || held < injected ? 'NOT HELD' : 'held';
    const left = skipped > 0 ? `, skipped ${skipped}` : '';
    const head = `\n${name.padEnd(width)}  injected ${injected}, held ${held}${left}  ${verdict}  ${minutes} min`;
    const inner = Math.max(0, ...lines.map((line) => line.injected.length));
    return [head, ...lines.map((line) => `  ${line.injected.padEnd(inner)}  ${line.held}`)];
  });
  const red = results.filter((one) => one.red || one.held < one.injected).map(({ name }) => name);
  const total = (key) => results.reduce((sum, one) => sum + one[key], 0);
  rows.push(
    `\nIn all: injected ${total('injected')}, held ${total('held')}. ${red.length === 0 ? 'Everything held.' : `Not held: ${red.join(', ')}.`}`,
  );
  return rows.join('\n');
}
