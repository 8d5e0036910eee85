import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ParcelwiseReply, ParcelwiseRequest } from './parcelwise-carrier.js';
import { withCheckDigit } from './parcelwise-number.js';

const Consignment = z.object({
  consignee: z.object({
    full_name: z.string().min(1),
    street_line: z.string().min(1),
    town: z.string().min(1),
    postcode: z.string().min(1),
  }),
  parcel_count: z.int().min(1),
});

/** The carrier's end, simulated: a consignment is what its own path names, so putting it twice changes nothing. */
export async function parcelwiseStandIn({ method, path, body }: ParcelwiseRequest): Promise<ParcelwiseReply> {
  const reference = /^\/v2\/consignments\/([\w-]{1,64})$/.exec(path)?.[1];
  if (method !== 'PUT' || reference === undefined) return { status: 404, body: { error_code: 'NO_SUCH_RESOURCE' } };
  if (!Consignment.safeParse(body).success) return { status: 422, body: { error_code: 'MALFORMED_CONSIGNMENT' } };
  return { status: 201, body: { reference, state: 'ACCEPTED', consignment_no: grouped(numberFor(reference)) } };
}

function numberFor(reference: string): string {
  const hash = createHash('sha256').update(`parcelwise ${reference}`).digest();
  const serial = hash.readBigUInt64BE() % 10_000_000_000_000_000n;
  return withCheckDigit(`3${String(serial).padStart(16, '0')}`);
}

/** As it is printed on their labels. */
const grouped = (number: string) => number.replace(/(\d{4})(?=\d)/g, '$1 ');
