import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync } from 'node:fs';
import os from 'node:os';
import { installPackage } from '../../../scripts/launch/debian.mjs';

/** Which packets are lost, as whoever is inside sees it. */
export type Lost = 'both ways' | 'what arrives' | 'what leaves';

/** Wakes when its pipe closes, which is when this process is gone, however it went. */
const GUARDIAN = 'read -r _; ip netns del "$1"; ip link del "$2" 2>/dev/null; true';
/** The range for tests between networks (RFC 2544): nobody's address. */
const NETWORK = '198.18';
const SIZE = 4;
/** No timeout of jest reaches a command that is waited for. */
const PATIENCE_MS = 30_000;

let opened = 0;

/** A network of its own on this machine with one cable to the rest of it, and a firewall inside to break it with. */
export class NetworkNamespace implements AsyncDisposable {
  private constructor(
    private readonly name: string,
    /** This machine, as seen from inside. */
    readonly outside: string,
    /** The inside, as seen from this machine. */
    readonly inside: string,
    private readonly guardian: ChildProcess,
  ) {}

  /** @returns undefined, with a notice, where there is no such thing */
  static async open(): Promise<NetworkNamespace | undefined> {
    const name = `holdfast-${process.pid}-${(opened += 1)}`;
    const cable = `hf${process.pid}x${opened}`;
    const start = ((process.pid * 4 + opened) * SIZE) % 65_536;
    const [outside, inside] = [1, 2].map((host) => `${NETWORK}.${start >> 8}.${(start & 255) + host}`) as [
      string,
      string,
    ];
    try {
      mayMakeOne();
      run('ip', 'netns', 'add', name);
    } catch (error) {
      const why = String((error as { stderr?: Buffer }).stderr ?? '').trim() || (error as Error).message;
      process.stderr.write(`  skipped: a network namespace needs Linux, root, iproute2 and iptables (${why})\n`);
      return undefined;
    }
    const guardian = spawn('/bin/sh', ['-c', GUARDIAN, 'holdfast-netns-guardian', name, cable], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true, // an interrupt is for us
    });
    const namespace = new NetworkNamespace(name, outside, inside, guardian);
    try {
      run('ip', 'link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
      run('ip', 'addr', 'add', `${outside}/30`, 'dev', cable);
      run('ip', 'link', 'set', cable, 'up');
      namespace.run('ip', 'addr', 'add', `${inside}/30`, 'dev', 'eth0');
      for (const link of ['eth0', 'lo']) namespace.run('ip', 'link', 'set', link, 'up');
      return namespace;
    } catch (error) {
      await namespace[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A command that becomes the one after it, in here. */
  get within(): string[] {
    return ['ip', 'netns', 'exec', this.name];
  }

  /** Packets to and from that port out there vanish. */
  lose(port: number, which: Lost): void {
    if (which !== 'what leaves') this.rule('INPUT', '--sport', port, 'DROP');
    if (which !== 'what arrives') this.rule('OUTPUT', '--dport', port, 'DROP');
  }

  /** Whatever is sent to that port is answered with a RST, by a firewall that the other end does not hear of. */
  refuse(port: number): void {
    this.rule('OUTPUT', '--dport', port, 'REJECT', '--reject-with', 'tcp-reset');
  }

  heal(): void {
    this.run('iptables', '-w', '--flush');
  }

  /** It lives on as long as somebody is in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.guardian.exitCode !== null) return;
    this.guardian.stdin!.end();
    await once(this.guardian, 'exit');
  }

  private rule(chain: string, side: string, port: number, ...target: string[]): void {
    this.run('iptables', '-w', '--append', chain, '--protocol', 'tcp', side, String(port), '--jump', ...target);
  }

  private run(...command: string[]): void {
    run(...this.within, ...command);
  }
}

const PROGRAMS = [
  ['ip', 'iproute2'],
  ['iptables', 'iptables'],
] as const;

function mayMakeOne(): void {
  if (os.platform() !== 'linux' || process.getuid?.() !== 0) throw new Error('this is not root on Linux');
  for (const [program, debian] of PROGRAMS) {
    if (!isHere(program)) installPackage(debian);
    if (!isHere(program)) throw new Error(`there is no ${program}`);
  }
}

function isHere(program: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'].filter(Boolean);
  return folders.some((folder) => {
    try {
      accessSync(`${folder}/${program}`);
      return true;
    } catch {
      return false;
    }
  });
}

function run(...command: string[]): void {
  const [program, ...args] = command as [string, ...string[]];
  execFileSync(program, args, { stdio: 'pipe', timeout: PATIENCE_MS });
}
