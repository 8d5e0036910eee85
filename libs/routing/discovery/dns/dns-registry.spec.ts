import { eventually } from '../../../../test/support/eventually.js';
import { DnsRegistry } from './dns-registry.js';
import type { DnsNames } from './lookup.js';

const fault = (code: string) => Object.assign(new Error(code), { code });

describe('DNS that answers in part', () => {
  /** What there is, by the kind of question and the name; nothing else is known. */
  const records = new Map<string, string[] | Error>();
  const never = new Set<string>();
  let asked = 0;
  let registry: DnsRegistry;

  const answerTo = async (question: string): Promise<string[]> => {
    asked += 1;
    if (never.has(question)) await new Promise(() => {});
    const known = records.get(question) ?? fault('ENODATA');
    if (known instanceof Error) throw known;
    return known;
  };
  const open = (names: DnsNames) => {
    const resolver = {
      resolve4: (name: string) => answerTo(`A ${name}`),
      resolve6: (name: string) => answerTo(`AAAA ${name}`),
      resolveSrv: async (name: string) =>
        (await answerTo(`SRV ${name}`)).map((host) => ({ name: host, port: 80, priority: 0, weight: 0 })),
    };
    registry = new DnsRegistry({ ...names, resolver: resolver as never, everyMs: 5 });
  };
  const urls = () => registry.watch('toys').instances.map(({ url }) => url);
  const askedAgain = async () => {
    const before = asked;
    await eventually(() => asked > before + 12, { what: 'it is asked again and again', everyMs: 5 });
  };
  afterEach(async () => {
    await registry.close();
    records.clear();
    never.clear();
  });

  it.each([
    ['a', { name: '{service}', port: 80 }, 'toys'],
    ['srv', { name: '{service}', record: 'srv' }, 'toys-1'],
  ] as const)('loses no family to a fault, by %s', async (_record, names, host) => {
    records.set('SRV toys', [host]).set(`A ${host}`, ['10.0.0.1']).set(`AAAA ${host}`, ['::1']);
    open(names);
    await registry.watch('toys').ready;
    const both = ['http://10.0.0.1', 'http://[::1]'].map((url) => `${url}:80`);
    expect(urls()).toEqual(both);
    records.set(`A ${host}`, fault('ETIMEOUT'));
    await askedAgain();
    expect(urls()).toEqual(both);
    expect(registry.freshness()).toMatchObject({ live: false, reason: 'ETIMEOUT' });
    records.set(`A ${host}`, []);
    await eventually(() => urls().length === 1, { what: 'an answer counts' });
  });

  it('goes without a family that was never answered', async () => {
    records.set('A toys', ['10.0.0.1']).set('AAAA toys', fault('ESERVFAIL'));
    open({ name: '{service}', port: 80 });
    await registry.watch('toys').ready;
    expect(urls()).toEqual(['http://10.0.0.1:80']);
    await askedAgain();
    expect(registry.freshness().live).toBe(true);
  });

  it('says of each service by itself when it was answered', async () => {
    records.set('A toys', ['10.0.0.1']);
    for (const name of ['before', 'after']) never.add(`A ${name}`);
    open({ name: '{service}', port: 80 });
    const begun: string[] = [];
    const begins = (service: string) => void registry.watch(service).ready.then(() => begun.push(service));
    begins('before');
    begins('empty');
    await registry.watch('toys').ready;
    begins('after');
    await askedAgain();
    expect(begun).toEqual(['empty']);
  });
});
