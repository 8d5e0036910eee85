import { TextField, rule } from '@holdfast/host';
import { Allow } from 'class-validator';
import type { Address } from '../order.store.js';

const isLine = (value: unknown) =>
  typeof value === 'string' && value.isWellFormed() && /^[^\p{Cc}]{0,200}$/u.test(value);

/** Forms differ from country to country and from shop to shop: the usual other names of a line are understood too. */
const OTHER_NAMES: Record<keyof Address, readonly string[]> = {
  name: ['fullName', 'recipient'],
  street: ['line1', 'street1', 'address', 'addressLine1', 'line2', 'street2', 'addressLine2'],
  city: ['town', 'state', 'region', 'province'],
  postalCode: ['zip', 'zipCode', 'postcode', 'postal_code'],
  country: ['countryCode'],
};

const NAMES: Record<string, readonly string[]> = Object.fromEntries(
  Object.entries(OTHER_NAMES).map(([field, others]) => [field, [field, ...others]]),
);

function AlsoKnownAs(names: readonly string[]): ClassDecorator {
  return ({ prototype }) => {
    for (const name of names) {
      Allow()(prototype as object, name);
      rule('text', isLine, 'must be one line of at most 200 characters')(prototype as object, name);
    }
  };
}

@AlsoKnownAs(Object.values(OTHER_NAMES).flat())
export class ShippingAddressBody {
  @TextField({ optional: true, max: 200, example: 'Ada Lovelace' })
  name?: string;

  @TextField({ optional: true, max: 200, example: '12 St James’s Square' })
  street?: string;

  @TextField({ optional: true, max: 200, example: 'London' })
  city?: string;

  @TextField({ optional: true, max: 20, example: 'SW1Y 4JH' })
  postalCode?: string;

  @TextField({ optional: true, max: 56, example: 'GB', description: 'ISO 3166-1 alpha-2, or the name in words' })
  country?: string;
}

/** The address line by line, whatever its lines were called; what was not said is empty, what was said twice is there once. */
export function readAddress(body: ShippingAddressBody): Address {
  const { countryCode } = body as Record<string, unknown>;
  const country = typeof countryCode === 'string' && countryCode !== '' ? countryCode : line(body, 'country');
  return {
    name: line(body, 'name'),
    street: line(body, 'street'),
    city: line(body, 'city'),
    postalCode: line(body, 'postalCode'),
    country: country.length === 2 ? country.toUpperCase() : country,
  };
}

/** A place to bring something to, not an empty form. */
export function isSomewhere(body: unknown): boolean {
  const given = body as ShippingAddressBody;
  return line(given, 'street').trim() !== '' || line(given, 'city').trim() !== '';
}

function line(body: ShippingAddressBody, field: keyof Address): string {
  const given = body as Record<string, unknown>;
  const parts = new Set<string>();
  for (const name of NAMES[field]!) {
    const part = given[name]; // anything, as long as the rules of the fields have not looked at it
    if (typeof part === 'string' && part !== '') parts.add(part);
  }
  return [...parts].join(', ');
}
