/** What every edge says about itself, in whatever process it runs: the same words, so that documents are the same bytes. */
export const ABOUT = {
  title: 'Holdfast',
  version: '1.0.0',
  description:
    'A shop in eight contexts. Register, log in, press Authorize and paste the access token, then place an order and watch it go from placed to completed.',
};
