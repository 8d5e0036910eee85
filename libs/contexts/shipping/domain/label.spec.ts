import { countryCode } from './country.js';
import { labelOf } from './label.js';

const nothing = { name: '', street: '', city: '', postalCode: '', country: '' };
const complete = { name: 'Ada', street: '12 Square', city: 'London', postalCode: 'SW1Y', country: 'GB' };

describe('a label', () => {
  it('says what the customer said', () => {
    expect(labelOf(complete)).toEqual(complete);
  });

  it('has no empty line and no country in words', () => {
    expect(labelOf({ ...nothing, street: '1 Main Street, Berlin', name: ' ' })).toEqual({
      name: '-',
      street: '1 Main Street, Berlin',
      city: '-',
      postalCode: '-',
      country: 'DE',
    });
    expect(labelOf({ ...complete, country: 'Austria' })).toEqual({ ...complete, country: 'AT' });
  });

  it('keeps the words of a country that it cannot read', () => {
    expect(labelOf({ ...complete, country: 'Discworld' })).toEqual({
      ...complete,
      city: 'London, Discworld',
      country: 'ZZ',
    });
    expect(labelOf({ ...nothing, country: 'Discworld' })).toMatchObject({ city: 'Discworld' });
  });
});

it.each([
  ['', 'DE'],
  ['de', 'DE'],
  ['GB', 'GB'],
  ['uk', 'GB'],
  ['Germany', 'DE'],
  ['deutschland ', 'DE'],
  ['ÖSTERREICH', 'AT'],
  ['France', 'FR'],
  ['United States', 'US'],
  ['USA', 'US'],
  ['England', 'GB'],
  ['Discworld', 'ZZ'],
])('a country written "%s" is %s', (written, code) => {
  expect(countryCode(written)).toBe(code);
});
