import { randomBytes } from 'node:crypto';
import type { BrokenGround } from '../../support/faults/broken-ground.js';
import { eventually, inParallel } from '../../support/eventually.js';
import { expectKept, expectTemporary, placeOrders } from '../../support/faults/orders-under-fault.js';
import { faultReport, inFull } from '../../support/faults/report.js';

/** A message of the protocol with this type and body. */
function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const NONSENSE: [string, () => Buffer][] = [
  ['random bytes', () => randomBytes(400)],
  ['zeroes', () => Buffer.alloc(64)],
  ['a message of an unknown type', () => message('!', randomBytes(20))],
  ['a row that ends in the middle', () => message('D', Buffer.from([0, 9, 0, 0, 0, 200, 1]))],
  ['a row of an impossible length', () => message('D', Buffer.from([0, 1, 0x7f, 0xff, 0xff, 0xff, 1, 2]))],
  ['a description that ends in the middle', () => message('T', Buffer.from([0, 40, 65, 66]))],
  ['an HTTP answer', () => Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')],
];

export function garbage(ground: () => BrokenGround): void {
  describe('what answers is not PostgreSQL', () => {
    const report = faultReport('Garbage on the wire');

    it.each(inFull ? NONSENSE : NONSENSE.slice(2, 4))(
      '%s: later, and the process lives',
      async (name, nonsense) => {
        const { customer, proxy, sku } = ground();
        const before = proxy.garbled;
        proxy.garbles = ({ user }) => (user.startsWith('orders') ? nonsense() : undefined);
        const calls = Array.from({ length: inFull ? 20 : 4 }, (_, index) => index);
        const answers = await inParallel(calls, 4, async (index) => {
          const answer = await (index % 2 ? customer.tryPlaceOrder({ sku }) : customer.get('/api/v1/orders'));
          expectTemporary(answer);
          return answer.status;
        });
        await eventually(() => proxy.garbled > before, { what: 'an answer was replaced' });
        proxy.heal();
        await expectKept(customer, await placeOrders({ by: customer, sku, count: 1 }));
        report(
          `${name}, ${proxy.garbled - before}×`,
          `${[...new Set(answers)].join(', ')}; the same process sells again`,
        );
      },
      120_000,
    );
  });
}
