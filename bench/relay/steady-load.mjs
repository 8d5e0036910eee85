import { setTimeout as pause } from 'node:timers/promises';
import { median } from '../harness/statistics.mjs';

/** How long after the last write everything must have arrived, ms. */
const PATIENCE_MS = 30_000;

/** Which messages are on their way, and when each set off. */
export class Journeys {
  #departed = new Map();
  #took = [];
  arrived = 0;
  unexpected = 0;

  depart(key) {
    this.#departed.set(key, performance.now());
  }

  arrive(key) {
    const departed = this.#departed.get(key);
    if (departed === undefined) return void this.unexpected++; // twice, or never written
    this.#departed.delete(key);
    this.#took.push(performance.now() - departed);
    this.arrived++;
  }

  /** Resolves when nothing is on its way; gives how long the journeys since the last call took. */
  async allArrived() {
    const deadline = performance.now() + PATIENCE_MS;
    while (this.#departed.size > 0 && performance.now() < deadline) await pause(2);
    const took = this.#took;
    this.#took = [];
    return took;
  }

  get missing() {
    return this.#departed.size;
  }
}

/** Writes at a steady rate whatever the answers take, and measures from the start of each write to its arrival at the relay. */
export async function steadyLoad({ ms, perSecond, write, journeys }) {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const writes = [];
  const took = [];
  const total = Math.round((ms / 1_000) * perSecond);
  for (let turn = 0; turn < total; turn++) {
    const due = started + (turn * 1_000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await pause(early);
    const begun = performance.now();
    writes.push(write().then(() => took.push(performance.now() - begun)));
  }
  await Promise.all(writes);
  const latencies = await journeys.allArrived();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - started) / 1_000;
  return { ops: total, seconds, clientCpuUs: user + system, p50Ms: median(latencies), writeP50Ms: median(took) };
}
