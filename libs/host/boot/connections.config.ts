import { ConfigurationError, defineConfig, secret, setting, type ConfigurationFault } from '@holdfast/configuration';
import type { Environment, LoadedConfig } from '@holdfast/configuration';
import { inboxOf, type NatsAddress } from '@holdfast/messaging';
import { CertificateFiles, InvalidCertificate, type CertificatePaths } from '@holdfast/security';
import { Logger } from '@nestjs/common';
import { z } from 'zod';
import { processConfig } from './process.config.js';

const file = (help: string, variable: string) => setting(z.string().min(1).optional(), help, { variable });

const isExternal = z.stringbool();

/** How a process shows who it is to the others: to NATS by its key, over HTTP and NATS by its certificate. */
export const connectionsConfig = defineConfig('connections', {
  nkeySeed: secret("this process's key for NATS, an nkey seed (S…)", {
    variable: 'NATS_NKEY_SEED',
    optional: true,
    minLength: 58,
    schema: z.string().regex(/^SU[A-Z2-7]{56}$/),
  }),
  certFile: file('certificate of this process, PEM; unset: plain HTTP', 'TLS_CERT_FILE'),
  keyFile: file('key of that certificate, PEM', 'TLS_KEY_FILE'),
  caFile: file('authority that vouches for the other processes, PEM', 'TLS_CA_FILE'),
  external: setting(
    isExternal.default(false),
    'whether something else, such as a service mesh, encrypts what processes say to each other and tells them apart',
    { variable: 'TLS_EXTERNAL' },
  ),
  clients: setting(
    z
      .string()
      .default('gateway')
      .transform((names) => names.split(',').map((name) => name.trim())),
    'processes that may call this one over HTTPS, by the name in their certificates',
    { variable: 'TLS_CLIENTS' },
  ),
});

/** Where this process's certificate is; undefined: it has none. */
export function tlsPaths(config: LoadedConfig): CertificatePaths | undefined {
  const { certFile, keyFile, caFile } = config.get(connectionsConfig);
  return certFile && keyFile && caFile ? { certFile, keyFile, caFile } : undefined;
}

/**
 * How a process reaches NATS, and as whom; undefined when there is none.
 *
 * @param names what it goes by: its contexts, or its own name; replies come below it, where its permissions let it listen
 */
export function natsAs(config: LoadedConfig, names: readonly string[]): Omit<NatsAddress, 'name'> | undefined {
  const { natsUrl: url } = config.get(processConfig);
  if (!url) return undefined;
  const { nkeySeed } = config.get(connectionsConfig);
  const tls = url.startsWith('tls://') ? tlsPaths(config) : undefined;
  return { url, inboxPrefix: inboxOf(names), ...(nkeySeed && { nkeySeed }), ...(tls && { tls }) };
}

/** The certificate of this process, read again when it is renewed. @throws ConfigurationError */
export function openCertificates(config: LoadedConfig): CertificateFiles | undefined {
  const paths = tlsPaths(config);
  if (!paths) return undefined;
  try {
    return new CertificateFiles({ ...paths, failed: (error) => new Logger('Certificates').error(error.message) });
  } catch (error) {
    if (!(error instanceof InvalidCertificate)) throw error;
    const remedy = 'Correct TLS_CERT_FILE, TLS_KEY_FILE and TLS_CA_FILE, or the files they name.';
    throw new ConfigurationError([{ variable: 'TLS_CERT_FILE', problem: error.message, remedy }]);
  }
}

const TLS = ['TLS_CERT_FILE', 'TLS_KEY_FILE', 'TLS_CA_FILE'];

/**
 * What is wrong with how a process shows who it is: half a certificate, or, in production, nothing at all although other
 * processes are there to be told apart.
 */
export function connectionFaults(
  env: Environment,
  { talksTo }: { talksTo: 'nobody' | 'others' },
): ConfigurationFault[] {
  const faults: ConfigurationFault[] = [];
  const missing = TLS.filter((variable) => !env[variable]);
  if (missing.length > 0 && missing.length < TLS.length) {
    const remedy = `Set ${missing.join(' and ')} too, or none of ${TLS.join(', ')}.`;
    faults.push({ variable: missing[0]!, problem: 'missing beside the other files of the certificate', remedy });
  }
  if (env.NODE_ENV !== 'production' || talksTo === 'nobody') return faults;
  if (missing.length === TLS.length && !isExternal.safeParse(env.TLS_EXTERNAL).data) {
    const remedy = `Set ${TLS.join(', ')}: in production processes talk over mutual TLS; TLS_EXTERNAL=true leaves it to a mesh.`;
    faults.push({ variable: 'TLS_CERT_FILE', problem: 'missing', remedy });
  }
  if (env.NATS_URL && !env.NATS_NKEY_SEED && !env.NATS_NKEY_SEED_FILE) {
    const remedy = 'Give this process a key of its own (npm run nats:config -- --keys DIR): NATS_NKEY_SEED_FILE.';
    faults.push({
      variable: 'NATS_NKEY_SEED',
      problem: 'missing, and in production nobody talks to NATS without',
      remedy,
    });
  }
  return faults;
}
