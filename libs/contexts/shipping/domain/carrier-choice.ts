import { HOME, countryCode } from './country.js';

export type CarrierName = 'parcelwise' | 'globepost';

/** Parcelwise delivers at home only; everything else crosses a border with Globepost. */
export function carrierFor(country: string): CarrierName {
  return countryCode(country) === HOME ? 'parcelwise' : 'globepost';
}
