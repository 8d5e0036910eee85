import { isPortFree } from '../../scripts/launch/ports.mjs';

/** Below the ports that the system gives to outgoing connections: still free when what listens there is started, and started again. */
export async function quietPort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    if (await isPortFree(port)) return port;
  }
}
