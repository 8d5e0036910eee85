import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** The port or the address this process was told to listen on cannot be had. */
export class CannotListen extends Error {
  override readonly name = 'CannotListen';
}

/** What each fault of a socket that wants to listen asks of people. */
const REMEDIES: Record<string, string> = {
  EADDRINUSE: 'The port is taken by another program. Stop that one, or set PORT to another port.',
  EACCES: 'This user may not listen on that port. Set PORT to one above 1023.',
  EADDRNOTAVAIL: 'This machine does not have that address. Correct HOST; 0.0.0.0 listens on all it has.',
  ENOTFOUND: 'HOST is not an address. Correct it; 0.0.0.0 listens on all this machine has.',
};
REMEDIES.EAI_AGAIN = REMEDIES.ENOTFOUND!;

/** @throws CannotListen */
export async function listen(
  app: NestFastifyApplication,
  { host, port }: { host: string; port: number },
): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const remedy = REMEDIES[code];
    throw remedy ? new CannotListen(`${remedy} (${message})`, { cause: error }) : error;
  }
}
