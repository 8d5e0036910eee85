import { createHash } from 'node:crypto';
import { fieldsOf, lineOf } from './globepost-line.js';

/** The carrier's end, simulated: a sender's reference has one barcode for ever, and a manifest line may be repeated. */
export async function globepostStandIn(line: string): Promise<string> {
  const [verb, ...fields] = fieldsOf(line);
  if (fields.some((field) => field === '')) return lineOf('ERR', '21');
  if (verb === 'BARCODE' && fields.length === 1) return lineOf('OK', barcodeFor(fields[0]!));
  if (verb === 'MANIFEST' && fields.length === 7) return manifested(fields);
  return lineOf('ERR', '10');
}

function manifested([barcode, , , , , destination, items]: string[]): string {
  if (!/^GP[0-9A-F]{16}DE$/.test(barcode!)) return lineOf('ERR', '30');
  if (!/^[A-Z]{2}$/.test(destination!) || !/^[1-9]\d*$/.test(items!)) return lineOf('ERR', '21');
  return lineOf('OK', barcode!);
}

function barcodeFor(reference: string): string {
  const hash = createHash('sha256').update(`globepost ${reference}`).digest('hex');
  return `GP${hash.slice(0, 16).toUpperCase()}DE`;
}
