import { recorder } from '../fixture/notes-on-postgres.js';
import { noteNames, type ConformanceGround } from './conformance-ground.fixture.js';
import type { Step } from './mortal-process.fixture.js';

const some = (rows: readonly unknown[]) => rows.length > 0;

/** Every step between an outbox and an effect. */
export const STEPS: readonly Step[] = [
  { name: 'read the cursor', statement: /^select .*from relay_cursor/s },
  { name: 'read the outbox', statement: /below_horizon/, didSomething: some },
  { name: 'carried the batch' },
  { name: 'put it into an inbox', statement: /insert into inbox .*json_to_recordset\(\$1/s },
  { name: 'moved the cursor', statement: /^update relay_cursor/ },
  {
    name: 'claimed a message',
    statement: /with recursive\s+turn as/,
    didSomething: (rows) => rows.some((row) => (row as { message_id?: unknown }).message_id),
  },
  { name: 'committed effect and completion', statement: /insert into effect/ },
  { name: 'noted a failed attempt', statement: /^update inbox set last_error = \$4, claimed_until/ },
  { name: 'parked a message', statement: /^update inbox set parked_at/ },
];

const numbers = [1, 2, 3, 4];

/** A process ends before and after each step, another one takes over: nothing is lost, doubled or out of order. */
export function describeCrashes(ground: () => ConformanceGround): void {
  const cases = STEPS.flatMap((step) =>
    (['before', 'after'] as const).map((side) => ({ step, side, name: step.name })),
  );

  it.each(cases)('survives a process that ends right $side it $name', async ({ step, side }) => {
    const [plain, stumbling, poisoned] = noteNames(3) as [string, string, string];
    let stumbled = false;
    const shelf = recorder('shelf', ({ note, n }) => {
      if (note === stumbling && n === 2 && !stumbled) {
        stumbled = true;
        throw new Error('a moment, please');
      }
      if (note === poisoned && n === 3) throw new Error('never');
    });
    const handlers = { library: [shelf], archive: [recorder('box')] };
    for (const n of numbers) for (const note of [plain, stumbling, poisoned]) await ground().tell(note, [n]);
    const first = await ground().process(handlers, { death: { step, side } });
    await first.died;
    await ground().process(handlers);
    await ground().quiet();
    expect(await ground().effects('library', plain)).toEqual(numbers);
    expect(await ground().effects('library', stumbling)).toEqual(numbers);
    expect(await ground().effects('library', poisoned)).toEqual([1, 2]);
    for (const note of [plain, stumbling, poisoned]) expect(await ground().effects('archive', note)).toEqual(numbers);
    const parked = await ground().operations('library').messages({ state: 'parked', limit: 10 });
    expect(parked.map(({ key }) => key)).toEqual([poisoned]);
  });
}
