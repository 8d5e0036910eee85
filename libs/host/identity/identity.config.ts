import { defineConfig, secret, setting } from '@holdfast/configuration';
import { readPrivateKey, readPublicKeys } from '@holdfast/security';
import { z } from 'zod';

const reads = (read: (text: string) => unknown) => (text: string) => {
  try {
    read(text);
    return true;
  } catch {
    return false;
  }
};

/** The names in tokens, the same in every process. No secret: who knows them can make no token. */
export const tokenConfig = defineConfig('token', {
  issuer: setting(z.string().min(1).default('https://holdfast.local'), 'who signs access tokens (iss)'),
  audience: setting(
    z.string().min(1).default('holdfast-edge'),
    'the edge: whom access tokens are for (aud), and who signs internal ones (iss)',
  ),
});

/** What a process behind a gateway is told. */
export const behindGatewayConfig = defineConfig('internal-token', {
  // No secret, but given like one: it may come from a file.
  publicKeys: secret(
    'the public key of the gateway in PEM form (openssl pkey -pubout); two while one replaces the other',
    {
      minLength: 64,
      schema: z.string().refine(reads(readPublicKeys), 'is not one Ed25519 public key in PEM form, or two'),
    },
  ),
});

/** What only a gateway is told: with this key it vouches for users towards the contexts. */
export const gatewayKeyConfig = defineConfig('internal-token-key', {
  key: secret('signs internal tokens: an Ed25519 private key in PEM form (openssl genpkey -algorithm ed25519)', {
    variable: 'INTERNAL_TOKEN_KEY',
    minLength: 64,
    schema: z.string().refine(reads(readPrivateKey), 'is not an Ed25519 private key in PEM form'),
  }),
});

/** Whether users come to this process through a gateway, or directly: said by `EDGE`, else by whether there are others. */
export function isBehindGateway({ EDGE, NATS_URL }: Readonly<Record<string, string | undefined>>): boolean {
  return EDGE ? EDGE !== 'here' : Boolean(NATS_URL);
}
