import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../../scripts/launch/ports.mjs';
import { tlsFiles } from '../../scripts/deploy/kubernetes/settings.mjs';
import { findNats } from '../../scripts/topology/nats.mjs';
import { eventually } from '../support/eventually.js';
import { ended } from './image.fixture.js';
import { textOf } from './read-yaml.fixture.js';

/** The NATS of the compose file: its configuration and its secrets, at places that this machine has. */
export class DeployedNats {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly file: string,
    private readonly env: Record<string, string>,
    readonly port: number,
    private readonly monitor: number,
  ) {}

  /** @param folder what `npm run deploy:secrets` makes */
  static async in(folder: string): Promise<DeployedNats> {
    const [port, monitor] = [await freePort(), await freePort()];
    const places: [string, string][] = [
      [path.posix.dirname(tlsFiles.certFile), path.join(folder, 'tls/nats-server')],
      ['"/data"', JSON.stringify(path.join(folder, 'nats-store'))],
      ['0.0.0.0:4222', `127.0.0.1:${port}`],
      ['0.0.0.0:8222', `127.0.0.1:${monitor}`],
      // The image's server is 2.12; this setting is younger than the oldest that the tests run with.
      ...(hasSyncInterval() ? [] : [[', sync_interval: always', ''] as [string, string]]),
    ];
    const text = places.reduce((conf, [from, to]) => {
      if (!conf.includes(from)) throw new Error(`deploy/nats/split.conf says nothing of ${from}`);
      return conf.replaceAll(from, to);
    }, textOf('deploy/nats/split.conf'));
    const file = path.join(folder, 'nats.conf');
    writeFileSync(file, text);
    const keys = readFileSync(path.join(folder, 'nats/public-keys.env'), 'utf8').trim().split('\n');
    const env = Object.fromEntries(keys.map((line) => line.split('=') as [string, string]));
    return new DeployedNats(file, env, port, monitor);
  }

  get url(): string {
    return `tls://127.0.0.1:${this.port}`;
  }

  /** What `nats-server -t` says of the configuration. */
  test(): { code: number | null; said: string } {
    const { status, stdout, stderr } = spawnSync(findNats(), ['-t', '-c', this.file], {
      env: this.env,
      encoding: 'utf8',
    });
    return { code: status, said: stdout + stderr };
  }

  /** Resolves when it says that it is well, as the container's healthcheck asks. */
  async start(): Promise<void> {
    this.child = spawn(findNats(), ['-c', this.file], { env: this.env, stdio: 'ignore' });
    const isWell = () =>
      fetch(`http://127.0.0.1:${this.monitor}/healthz?js-enabled-only=true`).then(
        ({ ok }) => ok,
        () => false,
      );
    await eventually(isWell, { what: 'nats-server is well', withinMs: 60_000 });
  }

  async stop(): Promise<void> {
    this.child?.kill('SIGTERM');
    if (this.child) await ended(this.child);
    this.child = undefined;
  }
}

function hasSyncInterval(): boolean {
  const [, major, minor] =
    /v(\d+)\.(\d+)/.exec(spawnSync(findNats(), ['--version'], { encoding: 'utf8' }).stdout) ?? [];
  return Number(major) > 2 || Number(minor) >= 10;
}
