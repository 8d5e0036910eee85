export type CarrierName = 'parcelwise' | 'globepost';

const HOME = 'DE';

/** Parcelwise delivers at home only; everything else crosses a border with Globepost. */
export function carrierFor(country: string): CarrierName {
  return country === HOME ? 'parcelwise' : 'globepost';
}
