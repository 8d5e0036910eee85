import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

interface Inspection {
  rules: string[];
  houses: Record<string, { violations: { rule: string; from: string; to: string }[]; dependencies: string }>;
}

const root = path.resolve(import.meta.dirname, '../..');
const fixtures = path.join(import.meta.dirname, 'fixtures');
const fixtureNames = readdirSync(fixtures).sort();

function run(...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
}

// That they stand in this house, `npm run check` says, which is a part of `npm test`.
describe('the walls', () => {
  let inspection: Inspection;

  beforeAll(() => {
    const houses = fixtureNames.map((name) => path.join(fixtures, name));
    inspection = JSON.parse(run('scripts/walls.mjs', '--json', ...houses)) as Inspection;
  });

  it('have one deliberate violation per rule, and no rule without one', () => {
    expect(fixtureNames).toEqual(inspection.rules.toSorted());
  });

  it.each(fixtureNames)('%s: its fixture makes this rule fire and no other', (name) => {
    const { violations } = inspection.houses[path.join(fixtures, name)];
    expect([...new Set(violations.map(({ rule }) => rule))]).toEqual([name]);
  });

  it('are drawn in docs/dependencies.txt, room by room', () => {
    const { dependencies } = inspection.houses[path.join(fixtures, 'libraries-know-no-business')];
    expect(dependencies).toContain('libs/messaging -> libs/contexts/orders/contracts\n');
  });
});

describe('every context on disk', () => {
  const script = `
    import { findMissing, contextsOf } from './scripts/walls/contexts.mjs';
    console.log(JSON.stringify({ contexts: contextsOf(process.argv[1]), missing: findMissing(process.argv[1]) }));`;
  const look = (house: string) =>
    JSON.parse(run('--input-type=module', '--eval', script, house)) as { contexts: string[]; missing: string[] };

  it('has its front door, its aliases, its migrations and its place in the list', () => {
    const { contexts, missing } = look(root);
    expect(missing).toEqual([]);
    expect(contexts.length).toBeGreaterThan(0);
  });

  it('is found, and each thing it lacks is named', () => {
    const house = mkdtempSync(path.join(tmpdir(), 'holdfast-house-'));
    try {
      mkdirSync(path.join(house, 'libs/contexts/gifts/contracts'), { recursive: true });
      const paths = { '@holdfast/*': ['./libs/*/index.ts'] };
      writeFileSync(path.join(house, 'tsconfig.json'), JSON.stringify({ compilerOptions: { paths } }));
      expect(look(house)).toEqual({
        contexts: ['gifts'],
        missing: [
          'libs/contexts/gifts/gifts.context.ts, the front door, is missing',
          'tsconfig.json: "@holdfast/contexts/gifts": ["./libs/contexts/gifts/gifts.context.ts"] is missing',
          'libs/contexts/gifts/contracts/index.ts, the door of its contracts, is missing',
          'tsconfig.json: "@holdfast/contracts/gifts": ["./libs/contexts/gifts/contracts/index.ts"] is missing',
          'migrations/gifts/ is missing',
          'apps/contexts.ts: gifts is missing; no process that mounts the whole shop would have it',
          'tsconfig.json: "@holdfast/*" is a wildcard; aliases are exact',
          'tsconfig.json: "@holdfast/*" leads to ./libs/*/index.ts, which does not exist',
        ],
      });
    } finally {
      rmSync(house, { recursive: true });
    }
  });
});
