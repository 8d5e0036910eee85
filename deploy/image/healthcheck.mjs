// healthcheck.mjs [port] [--listens]: whether the process of this container wants traffic, or with --listens whether it
// answers at all. Exit code 0 when it does. Behind a gateway a process speaks TLS, the edge does not, and both may have a
// certificate; it asks itself, so nobody's certificate is judged, as Kubernetes' probes do not judge any.
import http from 'node:http';
import https from 'node:https';

const [port = process.env.PORT || '3000'] = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const listens = process.argv.includes('--listens');
const schemes = process.env.TLS_CERT_FILE ? [http, https] : [http];

const ask = ({ get }) =>
  new Promise((resolve, reject) => {
    const place = { host: '127.0.0.1', port, path: '/readyz', rejectUnauthorized: false };
    get({ ...place, agent: false, signal: AbortSignal.timeout(2_500 / schemes.length) }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.once('error', reject).once('end', () => resolve({ status: response.statusCode, text }));
    }).once('error', reject);
  });

try {
  const { status, text } = await schemes.slice(1).reduce((asked, scheme) => asked.catch(() => ask(scheme)), ask(http));
  if (!listens && status !== 200) throw new Error(`${status} ${text}`);
} catch (error) {
  console.error(`127.0.0.1:${port}/readyz: ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
}
