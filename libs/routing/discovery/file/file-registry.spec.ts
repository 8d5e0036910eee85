import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { registryConformance } from '../registry-conformance.fixture.js';
import type { Instance } from '../registry.js';
import { FileRegistry } from './file-registry.js';
import { readInstances } from './read-instances.js';

function folder() {
  const home = mkdtempSync(path.join(tmpdir(), 'holdfast-instances-'));
  return { file: path.join(home, 'targets.json'), remove: () => rmSync(home, { recursive: true, force: true }) };
}

registryConformance('a file', () => {
  const { file, remove } = folder();
  const known = new Map<string, Instance>();
  const services = new Set<string>();
  let broken = false;
  const write = () => {
    if (broken) return;
    const all = [...known.values()];
    const list = [...services].map((name) => [name, all.filter(({ service }) => service === name)]);
    writeFileSync(`${file}.draft`, JSON.stringify(Object.fromEntries(list)));
    renameSync(`${file}.draft`, file);
  };
  return Promise.resolve({
    tellsDraining: true,
    observe: () => Promise.resolve(new FileRegistry({ source: file, everyMs: 20 })),
    announce: (instance: Instance) => {
      known.set(instance.id, instance);
      services.add(instance.service);
      return Promise.resolve(write());
    },
    withdraw: ({ id }: Instance) => {
      known.delete(id);
      return Promise.resolve(write());
    },
    breakDown: () => {
      broken = true;
      return Promise.resolve(writeFileSync(file, '{"toys": ['));
    },
    mend: () => {
      broken = false;
      return Promise.resolve(write());
    },
    close: () => Promise.resolve(remove()),
  });
});

describe('a list of instances', () => {
  const one = 'http://127.0.0.1:4001';

  it('is JSON: addresses, or objects when there is more to say', () => {
    const text = JSON.stringify({ letters: [one, { url: 'http://[::1]:4002/', id: 'b', draining: true }], users: one });
    const service = 'letters';
    expect([...readInstances(text)]).toEqual([
      [
        'letters',
        [
          { service, id: '127-0-0-1-4001', url: one },
          { service, id: 'b', url: 'http://[::1]:4002', draining: true },
        ],
      ],
      ['users', [{ service: 'users', id: '127-0-0-1-4001', url: one }]],
    ]);
  });

  it.each([
    ['{', /not a JSON object/],
    ['/no/such/file', /\/no\/such\/file cannot be read/],
    ['{"letters":[]}', /nobody answers for letters/],
    ['{}', /nobody answers for letters/],
    ['{"letters":["127.0.0.1:4001"]}', /letters: "127.0.0.1:4001" is not an address/],
    ['{"letters":["http://a/path"]}', /letters: "http:\/\/a\/path" is not an address/],
    ['{"letters":[7]}', /letters: 7 is not an address/],
    ['{"letters":[{}]}', /letters: undefined is not an address/],
  ])('names what is wrong with %s', (source, message) => {
    expect(() => new FileRegistry({ source, required: ['letters'] })).toThrow(message);
  });
});
