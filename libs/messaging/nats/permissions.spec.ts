import { inboxOf, natsPermissions, type NatsNeeds } from './permissions.js';
import { natsServerConfig } from './server-config.js';

const nothing = { reads: [], sends: [], timers: [], asks: [], answers: [] };
const desk: NatsNeeds = {
  ...nothing,
  name: 'desk',
  reads: ['library.book-lent.v1'],
  sends: ['library.lend.v1', 'library.return.v1'],
  timers: ['desk.remind-timer.v1'],
  asks: ['library.shelf.v1'],
};
const library: NatsNeeds = { ...nothing, name: 'library', answers: ['library.shelf.v1'] };
const press: NatsNeeds = { ...nothing, name: 'press' };
const everybody = [desk, library, press];

const of = (...contexts: string[]) => natsPermissions({ contexts }, everybody);
const about = (subjects: string[], what: string) => subjects.filter((subject) => subject.includes(what));

describe('what a context may say and hear over NATS', () => {
  it('says its own events, and commands to those it commands', () => {
    const { publish } = of('desk');
    expect(publish.filter((subject) => /^(evt|cmd)\./.test(subject))).toEqual([
      'evt.desk.>',
      'cmd.desk.library.>',
      'cmd.desk.desk.>',
    ]);
  });

  it('cares for its own stream, and can neither purge nor delete it', () => {
    const { publish } = of('press');
    expect(about(publish, 'HOLDFAST_')).toEqual([
      '$JS.API.STREAM.INFO.HOLDFAST_press',
      '$JS.API.STREAM.CREATE.HOLDFAST_press',
      '$JS.API.STREAM.UPDATE.HOLDFAST_press',
      '$JS.API.STREAM.MSG.GET.HOLDFAST_press',
    ]);
  });

  it('reads the streams of those whose events it reads and of those who command it, in its own name', () => {
    expect(about(of('library').publish, 'HOLDFAST_desk')).toEqual([
      '$JS.API.STREAM.INFO.HOLDFAST_desk',
      '$JS.API.CONSUMER.INFO.HOLDFAST_desk.library',
      '$JS.API.CONSUMER.CREATE.HOLDFAST_desk.library',
      '$JS.API.CONSUMER.DELETE.HOLDFAST_desk.library',
      '$JS.API.CONSUMER.MSG.NEXT.HOLDFAST_desk.library',
      '$JS.ACK.HOLDFAST_desk.library.>',
    ]);
    expect(of('library').publish).toContain('$JS.API.STREAM.NAMES');
    expect(about(of('desk').publish, 'CONSUMER.CREATE.HOLDFAST_')).toEqual([
      '$JS.API.CONSUMER.CREATE.HOLDFAST_library.desk',
      '$JS.API.CONSUMER.CREATE.HOLDFAST_desk.desk', // its timers
    ]);
    expect(of('press').publish).not.toContain('$JS.API.STREAM.NAMES');
  });

  it('asks what it declares, answers what it declares, and hears replies to itself only', () => {
    expect(about(of('desk').publish, 'qry.')).toEqual(['qry.library.shelf.v1']);
    expect(of('desk')).toMatchObject({ subscribe: ['_INBOX_desk.>'], responds: false });
    expect(of('library')).toMatchObject({ subscribe: ['_INBOX_library.>', 'qry.library.shelf.v1'], responds: true });
  });

  it('says only where it is itself', () => {
    expect(about(of('desk', 'press').publish, '$KV.')).toEqual(['$KV.registry.desk.>', '$KV.registry.press.>']);
  });

  it('is what all contexts of a process need together', () => {
    const both = of('desk', 'library');
    for (const subject of [...of('desk').publish, ...of('library').publish]) expect(both.publish).toContain(subject);
    expect(new Set(both.publish).size).toBe(both.publish.length);
    expect(both.subscribe).toEqual(['_INBOX_desk_library.>', 'qry.library.shelf.v1']);
    expect(inboxOf(['library', 'desk'])).toBe('_INBOX_desk_library');
  });

  it('is little for one who only asks', () => {
    const gateway = natsPermissions({ contexts: [], inbox: 'gateway', asks: ['library.shelf.v1'] }, everybody);
    expect(gateway.subscribe).toEqual(['_INBOX_gateway.>']);
    const written = gateway.publish.filter((subject) => /HOLDFAST|evt|cmd|\$KV\./.test(subject));
    expect(written).toEqual(['$KV.registry.gateway.>']); // its own beat, by which it sees that the registry works
    expect(gateway.publish).toContain('qry.library.shelf.v1');
  });

  it('is nothing for a context that nobody described', () => {
    expect(() => of('garden')).toThrow('Nobody described the context garden');
  });
});

describe('the configuration of a server', () => {
  const users = [{ name: 'desk', contexts: ['desk'], publicKey: 'UDESK' }];

  it('knows users by public keys and demands certificates', () => {
    const tls = { certFile: '/tls/tls.crt', keyFile: '/tls/tls.key', caFile: '/tls/ca.crt' };
    const text = natsServerConfig({ users, everybody, storeDir: '/data', tls });
    expect(text).toContain('nkey: "UDESK"');
    expect(text).toContain('"cmd.desk.library.>"');
    expect(text).toContain('verify: true');
    expect(text).not.toContain('accounts');
    expect(natsServerConfig({ users, everybody, storeDir: '/data' })).not.toContain('tls');
  });

  it('can leave the key to the environment of the server', () => {
    const variable = [{ ...users[0]!, publicKey: '$NATS_USER_DESK' }];
    expect(natsServerConfig({ users: variable, everybody, storeDir: '/data' })).toContain('nkey: $NATS_USER_DESK\n');
  });
});
