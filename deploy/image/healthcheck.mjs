// healthcheck.mjs [port] [--listens]: whether the process of this container wants traffic, or with --listens whether it
// answers at all. Exit code 0 when it does.
const [port = process.env.PORT || '3000'] = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const listens = process.argv.includes('--listens');
const address = `http://127.0.0.1:${port}/readyz`;
try {
  const response = await fetch(address, { signal: AbortSignal.timeout(2_500) });
  if (!listens && !response.ok) throw new Error(`${response.status} ${await response.text()}`);
} catch (error) {
  console.error(`${address}: ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
}
