import { UNKNOWN, countryCode } from './country.js';

export interface Address {
  name: string;
  street: string;
  city: string;
  postalCode: string;
  country: string;
}

const NOT_SAID = '-';

/**
 * An address as a carrier takes it: no line is empty, and the country is a code. An order asks its customer for a street or
 * a city only, and once it is confirmed its goods have to leave the house.
 */
export function labelOf({ name, street, city, postalCode, country }: Address): Address {
  const code = countryCode(country);
  const place = code === UNKNOWN ? [city, country].filter((line) => line !== '').join(', ') : city;
  return {
    name: said(name),
    street: said(street),
    city: said(place),
    postalCode: said(postalCode),
    country: code,
  };
}

const said = (line: string) => (line.trim() === '' ? NOT_SAID : line);
