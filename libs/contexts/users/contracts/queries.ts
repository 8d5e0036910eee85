import { Type, defineQuery } from '@holdfast/messaging';

/** The public halves of the keys that sign access tokens, as a JWK Set (RFC 7517). */
export const TokenKeys = defineQuery('users.token-keys', 1, {
  input: Type.Object({}),
  output: Type.Object({
    keys: Type.Array(
      Type.Object({
        kty: Type.String(),
        crv: Type.String(),
        x: Type.String(),
        kid: Type.String(),
        use: Type.String(),
        alg: Type.String(),
      }),
    ),
  }),
  deadlineMs: 1_000,
});
