import { lengths } from './lengths.fixture.js';
import { sandboxStatements, type LogWindow, type SandboxPlan } from './sandbox.js';

const plan: SandboxPlan = {
  schema: 'notes',
  sandbox: 'notes_sandbox',
  role: 'notes_sandbox',
  projection: lengths,
  window: { upTo: { xid: '77', position: 5 } },
};
const viewOf = (window: LogWindow) =>
  sandboxStatements({ ...plan, window }).find((one) => one.startsWith('create view'));

describe('a sandbox', () => {
  it.each<[LogWindow, string]>([
    [plan.window, `(xid, position) <= ('77'::xid8, 5)`],
    [{ upTo: { xid: '77' } }, `xid < '77'::xid8`],
    [{ upTo: { xid: '77' }, from: { position: 3 } }, `xid < '77'::xid8 and position >= 3`],
    [
      { upTo: { xid: '77' }, from: { instant: new Date(0) }, to: { position: 9 } },
      `xid < '77'::xid8 and date_trunc('milliseconds', recorded_at) >= '1970-01-01T00:00:00.000Z'::timestamptz and position <= 9`,
    ],
  ])('sees of the log %j', (window, condition) =>
    expect(viewOf(window)).toBe(`create view notes_sandbox.event as select * from notes.event where ${condition}`),
  );

  it('gives its role nothing of the context, and changes nothing there', () => {
    for (const statement of sandboxStatements(plan)) {
      if (/^(grant|revoke|drop|delete)/.test(statement)) expect(statement).not.toMatch(/\bnotes\b/);
    }
  });

  it.each([
    { schema: 'notes; drop' },
    { role: 'x"y' },
    { sandbox: '' },
    { projection: { ...lengths, table: 'a.b' } },
    { projection: { ...lengths, name: `o'clock` } },
  ])('refuses names that are not plain: %j', (odd) =>
    expect(() => sandboxStatements({ ...plan, ...odd })).toThrow(/not a plain name/),
  );

  it.each(['1; drop table event', 'x'])('refuses a place that is no place: %s', (xid) =>
    expect(() => sandboxStatements({ ...plan, window: { upTo: { xid } } })).toThrow(SyntaxError),
  );
});
