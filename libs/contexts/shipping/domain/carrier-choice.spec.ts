import { carrierFor } from './carrier-choice.js';

describe('the carrier of a destination', () => {
  it('is Parcelwise at home', () => {
    expect(carrierFor('DE')).toBe('parcelwise');
  });

  it.each(['GB', 'AT', 'FR', 'US', 'DK', 'ED'])('is Globepost for %s', (country) => {
    expect(carrierFor(country)).toBe('globepost');
  });
});
