import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { awaitLeftovers, noteProcesses } from '../../scripts/launch/leftovers.mjs';

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => void (folder = mkdtempSync(path.join(os.tmpdir(), 'leftovers-'))));
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** A process that calls itself something else, as ours do, and ends when it is told to. */
async function renamed(): Promise<ChildProcess & { pid: number }> {
  const code = `process.title = 'holdfast orders'; setInterval(() => {}, 1000); process.send('up')`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  children.push(child);
  await once(child, 'message');
  return child as ChildProcess & { pid: number };
}

describe('what an earlier launcher left running', () => {
  it('is waited for, whatever it calls itself', async () => {
    const child = await renamed();
    noteProcesses(folder, [{ name: 'orders', pid: child.pid }]);
    const said: string[] = [];
    const waiting = awaitLeftovers(folder, (text) => {
      said.push(text);
      child.kill('SIGTERM'); // ends by itself while it is waited for
    });
    await waiting;
    if (child.signalCode === null && child.exitCode === null) await once(child, 'exit'); // it is gone; we hear of it later
    expect(said).toEqual(['waiting for orders of an earlier launcher to end']);
    expect(child.signalCode ?? child.exitCode).toBe('SIGTERM');
  });

  it('is not taken for somebody else who got its process id', async () => {
    const child = await renamed();
    noteProcesses(folder, [{ name: 'orders', pid: child.pid }]);
    const file = path.join(folder, 'processes.json');
    const [noted] = JSON.parse(readFileSync(file, 'utf8')) as { birth: string }[];
    writeFileSync(file, JSON.stringify([{ ...noted, birth: `${noted!.birth}0` }]));
    await awaitLeftovers(folder, () => expect(undefined).toBe('nobody is waited for'));
    expect([child.exitCode, child.signalCode]).toEqual([null, null]);
  });
});
