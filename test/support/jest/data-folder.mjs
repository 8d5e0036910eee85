// Where the test server keeps its data: in memory, if there is room. Databases come and go by the hundred, each of several
// hundred files, and with fsync off nothing is meant to outlast the run.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isAlive } from '../../../scripts/launch/running.mjs';
import { stopOrphan } from '../../../scripts/postgres/cluster.mjs';

const MEMORY = '/dev/shm';
const ROOM = 4 * 2 ** 30; // bytes; a run takes half a GiB

/** A new folder, after what killed runs have left beside it was removed. Faults in full write more than memory is for. */
export async function makeDataFolder() {
  const parent = process.env.FAULTS !== 'full' && hasRoom(MEMORY) ? MEMORY : os.tmpdir();
  await removeLeftovers(parent);
  const folder = fs.mkdtempSync(path.join(parent, `holdfast-test-${process.pid}-`));
  fs.chmodSync(folder, 0o755); // the server runs as another account when we are root
  return folder;
}

function hasRoom(folder) {
  try {
    const { bavail, bsize } = fs.statfsSync(folder);
    return bavail * bsize >= ROOM;
  } catch {
    return false;
  }
}

async function removeLeftovers(parent) {
  for (const name of fs.readdirSync(parent)) {
    const owner = /^holdfast-test-(\d+)-/.exec(name)?.[1];
    if (!owner || isAlive(Number(owner))) continue;
    try {
      await stopOrphan(path.join(parent, name, 'postgres'));
      fs.rmSync(path.join(parent, name), { recursive: true, force: true });
    } catch {
      // Somebody else's.
    }
  }
}
