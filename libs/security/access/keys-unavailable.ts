import { ServiceUnavailableException } from '@nestjs/common';

/** 503 `keys_unavailable` with `Retry-After`: the token can be neither believed nor refused. */
export function keysUnavailable(
  response: { header(name: string, value: string): unknown },
  cause: unknown,
): ServiceUnavailableException {
  response.header('Retry-After', '1');
  return new ServiceUnavailableException('Access tokens cannot be verified now', {
    errorCode: 'keys_unavailable',
    cause,
  });
}
