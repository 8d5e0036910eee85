import { startApp } from '../../scripts/launch/app.mjs';

describe('an app that cannot be started', () => {
  it('has ended, and says why', async () => {
    const said: Buffer[] = [];
    const written = (chunk: Buffer) => void said.push(chunk);
    const app = startApp({ name: 'migrate', within: ['/not/there'], output: 'pipe', written });
    expect(await app.exited).toBe(127);
    expect(Buffer.concat(said).toString()).toBe('migrate could not be started: spawn /not/there ENOENT\n');
    expect(await app.stop()).toBe(127);
  });
});
