// One launcher per data directory. The lock is a listening local socket: the system lets go of it the moment its
// process is gone, kill -9 included, and no process id can be mistaken for another.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

function addressOf(dataDir) {
  const name = `holdfast-${createHash('sha256').update(fs.realpathSync(dataDir)).digest('hex').slice(0, 24)}`;
  if (process.platform === 'linux') return `\0${name}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : path.join(os.tmpdir(), `${name}.sock`);
}

const listen = (server, address) =>
  new Promise((resolve, reject) => server.once('error', reject).listen(address, resolve));

/** What the holder of the lock says about itself, or undefined when nobody holds it. */
export function holderOf(dataDir) {
  if (!fs.existsSync(dataDir)) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    let said = '';
    const socket = net.connect(addressOf(dataDir));
    socket.setEncoding('utf8').on('data', (text) => (said += text));
    socket.once('error', () => resolve(undefined));
    socket.once('end', () => resolve(JSON.parse(said || '{}')));
  });
}

/**
 * @param {string} dataDir created when missing
 * @param {{ command: string, url?: string, external?: boolean }} about told to a second launcher; external: its database is
 *   one that DATABASE_URL names
 * @returns {Promise<{ release(): Promise<void> }>}
 * @throws {Error} when another launcher uses the same data
 */
export async function lockData(dataDir, about) {
  fs.mkdirSync(dataDir, { recursive: true });
  const server = net.createServer((socket) => {
    socket.on('error', () => {}); // whoever asked may be gone before the answer
    socket.end(JSON.stringify({ pid: process.pid, ...about }));
  });
  const address = addressOf(dataDir);
  try {
    await listen(server, address);
  } catch (error) {
    if (error.code !== 'EADDRINUSE') throw error;
    const holder = await holderOf(dataDir);
    if (holder || process.platform === 'linux' || process.platform === 'win32') throw inUse(dataDir, holder);
    fs.rmSync(address, { force: true }); // a socket file that outlived its process
    await listen(server, address);
  }
  server.unref();
  return { release: () => new Promise((resolve) => server.close(resolve)) };
}

function inUse(dataDir, { pid, command = 'a launcher', url } = {}) {
  const where = url ? ` (${url})` : '';
  return new Error(
    `${dataDir} is in use: ${command}${where} runs on it as process ${pid ?? 'unknown'}.\n` +
      'Stop that one first, or give this one its own data and port: DATA_DIR=/some/folder PORT=3001',
  );
}
