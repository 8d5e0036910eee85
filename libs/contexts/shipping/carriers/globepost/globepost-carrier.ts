import { NotBooked, type Carrier, type Parcel } from '../../carrier.js';
import { fieldsOf, lineOf } from './globepost-line.js';

const BARCODE = /^GP[0-9A-Z]{16}DE$/;

/** One line there, one line back, in two steps: a barcode for our reference, then the manifest that it travels with. */
export class GlobepostCarrier implements Carrier {
  constructor(private readonly say: (line: string) => Promise<string>) {}

  async book({ shipmentId, pieces, address }: Parcel): Promise<string> {
    const { name, street, city, postalCode, country } = address;
    const barcode = await this.ask(shipmentId, 'BARCODE', shipmentId);
    const manifest = [barcode, name, street, city, postalCode, country, String(pieces)];
    const manifested = await this.ask(shipmentId, 'MANIFEST', ...manifest);
    if (manifested !== barcode) throw new NotBooked(`Globepost manifested another parcel than shipment ${shipmentId}`);
    return barcode;
  }

  private async ask(shipmentId: string, verb: 'BARCODE' | 'MANIFEST', ...fields: string[]): Promise<string> {
    const [outcome, value = ''] = fieldsOf(await this.say(lineOf(verb, ...fields)));
    if (outcome === 'OK' && BARCODE.test(value)) return value;
    const code = outcome === 'ERR' && /^\d{1,3}$/.test(value) ? `error ${value}` : 'no word we know';
    throw new NotBooked(`Globepost answered ${verb} for shipment ${shipmentId} with ${code}`);
  }
}
