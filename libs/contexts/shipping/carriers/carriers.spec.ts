import { NotBooked, type Carrier, type Parcel } from '../carrier.js';
import { GlobepostCarrier } from './globepost/globepost-carrier.js';
import { globepostStandIn } from './globepost/globepost-stand-in.js';
import { ParcelwiseCarrier } from './parcelwise/parcelwise-carrier.js';
import { isConsignmentNumber } from './parcelwise/parcelwise-number.js';
import { parcelwiseStandIn } from './parcelwise/parcelwise-stand-in.js';

const parcel: Parcel = {
  shipmentId: '01890a5d-ac96-774b-bcce-b302099a8057',
  pieces: 3,
  address: { name: 'Ada | Lovelace', street: '12 % Square', city: 'Köln', postalCode: '50667', country: 'DE' },
};
const another = { ...parcel, shipmentId: '01890a5d-ac96-774b-bcce-b302099a8058' };

/** The wire of a carrier: what it was told, and what goes wrong with the n-th answer. */
function wire<Said, Heard>(standIn: (said: Said) => Promise<Heard>, instead?: { at: number; answer: () => Heard }) {
  const said: Said[] = [];
  const call = async (what: Said) => {
    said.push(what);
    const heard = await standIn(what);
    return said.length === instead?.at ? instead.answer() : heard;
  };
  return { said, call };
}

const lost = (): never => {
  throw new Error('the connection was reset');
};

interface Subject {
  healthy: () => Carrier;
  /** The carrier did what it was asked, but the answer never came; the next ones do. */
  losing: (at: number) => Carrier;
  answers: number;
  nonsense: [string, Carrier][];
}

const parcelwise = (instead?: { at: number; answer: () => { status: number; body: unknown } }) =>
  new ParcelwiseCarrier(wire(parcelwiseStandIn, instead).call);
const globepost = (instead?: { at: number; answer: () => string }) =>
  new GlobepostCarrier(wire(globepostStandIn, instead).call);

const accepted = (body: object) => ({
  at: 1,
  answer: () => ({ status: 201, body: { reference: parcel.shipmentId, state: 'ACCEPTED', ...body } }),
});

const subjects: [string, Subject][] = [
  [
    'parcelwise',
    {
      healthy: () => parcelwise(),
      losing: (at) => parcelwise({ at, answer: lost }),
      answers: 1,
      nonsense: [
        ['an error', parcelwise({ at: 1, answer: () => ({ status: 503, body: { error_code: 'BUSY' } }) })],
        ['a refusal', parcelwise({ at: 1, answer: () => ({ status: 422, body: parcel.address }) })],
        ['no body', parcelwise({ at: 1, answer: () => ({ status: 201, body: undefined }) })],
        ['a wrong check digit', parcelwise(accepted({ consignment_no: '1061 4141 2345 6789 07' }))],
        ['no number', parcelwise(accepted({ consignment_no: '' }))],
        [
          'the number of another parcel',
          parcelwise(accepted({ reference: another.shipmentId, consignment_no: '106141412345678908' })),
        ],
      ],
    },
  ],
  [
    'globepost',
    {
      healthy: () => globepost(),
      losing: (at) => globepost({ at, answer: lost }),
      answers: 2,
      nonsense: [
        ['an error', globepost({ at: 1, answer: () => 'ERR|99' })],
        ['a refused manifest', globepost({ at: 2, answer: () => `ERR|${encodeURIComponent(parcel.address.name)}` })],
        ['silence', globepost({ at: 1, answer: () => '' })],
        ['an unknown barcode', globepost({ at: 1, answer: () => 'OK|XX' })],
        ['the barcode of another parcel', globepost({ at: 2, answer: () => 'OK|GP0123456789ABCDEFDE' })],
      ],
    },
  ],
];

describe.each(subjects)('the carrier %s', (_, { healthy, losing, answers, nonsense }) => {
  it('books a parcel once, however often it is asked', async () => {
    const code = await healthy().book(parcel);
    expect(code).toMatch(/^[0-9A-Z]{18,20}$/);
    expect(await healthy().book(parcel)).toBe(code);
    expect(await healthy().book(another)).not.toBe(code);
  });

  it('finishes a booking whose answer was lost, whichever it was', async () => {
    const code = await healthy().book(parcel);
    for (let at = 1; at <= answers; at++) {
      const carrier = losing(at);
      await expect(carrier.book(parcel)).rejects.toThrow('reset');
      expect(await carrier.book(parcel)).toBe(code);
    }
  });

  it.each(nonsense)('takes %s for no booking, and never repeats the address', async (_, carrier) => {
    const error = await carrier.book(parcel).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(NotBooked);
    expect((error as Error).message).toContain(parcel.shipmentId);
    expect((error as Error).message).not.toMatch(/Ada|Square|Köln|50667/);
  });
});

describe('what the carriers are told', () => {
  it('is a consignment for Parcelwise', async () => {
    const { said, call } = wire(parcelwiseStandIn);
    await new ParcelwiseCarrier(call).book(parcel);
    expect(said).toEqual([
      {
        method: 'PUT',
        path: `/v2/consignments/${parcel.shipmentId}`,
        body: {
          consignee: { full_name: 'Ada | Lovelace', street_line: '12 % Square', town: 'Köln', postcode: '50667' },
          parcel_count: 3,
        },
      },
    ]);
  });

  it('is two lines for Globepost, in which a name parts nothing', async () => {
    const { said, call } = wire(globepostStandIn);
    const barcode = await new GlobepostCarrier(call).book(parcel);
    expect(said).toEqual([
      `BARCODE|${parcel.shipmentId}`,
      `MANIFEST|${barcode}|Ada%20%7C%20Lovelace|12%20%25%20Square|K%C3%B6ln|50667|DE|3`,
    ]);
  });
});

describe('a consignment number', () => {
  it('has the check digit of GS1', () => {
    expect(isConsignmentNumber('106141412345678908')).toBe(true); // the example of the GS1 specification
    expect(isConsignmentNumber('106141412345678909')).toBe(false);
    expect(isConsignmentNumber('10614141234567890')).toBe(false);
  });
});
