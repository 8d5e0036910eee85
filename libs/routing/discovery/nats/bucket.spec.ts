import { REGISTRY_BUCKET } from '@holdfast/messaging';
import { BUCKET } from './bucket.js';

describe('the bucket of the registry', () => {
  it('is the one that users of NATS are allowed to use', () => {
    expect(BUCKET).toBe(REGISTRY_BUCKET);
  });
});
