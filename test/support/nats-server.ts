import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../scripts/launch/ports.mjs';
import { findNats } from '../../scripts/topology/nats.mjs';

/** A real NATS server with JetStream as a child process, its store in a folder of its own. */
export class NatsServer {
  private child?: ChildProcess;
  private readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-nats-'));

  private constructor(
    readonly host: string,
    readonly port: number,
  ) {}

  /** @param host an address of this machine */
  static async start({ host = '127.0.0.1' } = {}): Promise<NatsServer> {
    const server = new NatsServer(host, await freePort());
    await server.restart();
    return server;
  }

  get url(): string {
    return `nats://${this.host}:${this.port}`;
  }

  get pid(): number {
    return this.child!.pid!;
  }

  /** Starts it on the store as it is. @param more arguments of nats-server */
  async restart(...more: string[]): Promise<void> {
    const place = ['-a', this.host, '-p', String(this.port), '-js', '-sd', this.store];
    this.child = spawn(findNats(), [...place, ...more], { stdio: 'ignore' });
    const deadline = performance.now() + 60_000;
    while (!(await this.accepts())) {
      if (performance.now() > deadline || this.child.exitCode !== null) throw new Error('nats-server did not start');
      await pause(10);
    }
  }

  /** `SIGKILL` for a crash, `SIGTERM` for an orderly end. Resolves when it is gone. */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGCONT');
    child.kill(signal);
    await gone;
  }

  /** SIGSTOP: connections stay open and nothing answers. */
  freeze(): void {
    this.child!.kill('SIGSTOP');
  }

  thaw(): void {
    this.child!.kill('SIGCONT');
  }

  /** Everything it ever knew is gone. Only while it is not running. */
  wipe(): void {
    fs.rmSync(this.store, { recursive: true, force: true });
  }

  /** A backup of the store, to be taken while it is not running. */
  backUp(): void {
    fs.rmSync(this.backup, { recursive: true, force: true });
    fs.cpSync(this.store, this.backup, { recursive: true });
  }

  restore(): void {
    this.wipe();
    fs.cpSync(this.backup, this.store, { recursive: true });
  }

  async remove(): Promise<void> {
    await this.end();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  private get store(): string {
    return path.join(this.folder, 'store');
  }

  private get backup(): string {
    return path.join(this.folder, 'backup');
  }

  private accepts(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = net.connect({ port: this.port, host: this.host });
      socket.once('data', (greeting) => {
        socket.destroy();
        resolve(greeting.includes('"jetstream":true'));
      });
      socket.once('error', () => resolve(false));
    });
  }
}
