import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startBroker } from './broker.mjs';
import { startCalibration } from './calibration.mjs';
import { startContestant } from './contestant.mjs';
import { absolutes, runRounds } from './rounds.mjs';
import { limitOf } from './limits.mjs';
import { slowDiskMissing, startServer } from './server.mjs';
import { paired } from './statistics.mjs';

/** What a bench runs in: servers, contestants, rounds, and the record of what was reached. Everything it started ends with it. */
export class Arena {
  bars = [];
  figures = {};
  violations = [];
  notices = [];
  #toStop = [];
  #servers = new Map();
  #broker;
  #closing;

  constructor({ options, profiles, say }) {
    this.options = options;
    this.profiles = profiles;
    this.say = say;
  }

  get quick() {
    return this.options.quick;
  }

  async start() {
    this.calibration = await startCalibration();
  }

  /** The durable server on this machine's disk. */
  disk() {
    return this.#server('disk', {});
  }

  /** The same with 1 ms more per fdatasync, or undefined with a notice when this machine cannot have it. */
  async slowDisk() {
    const missing = slowDiskMissing();
    if (!missing) return this.#server('slowDisk', { slowDisk: true });
    this.notices.push(`The slow disk is skipped: ${missing}.`);
    return undefined;
  }

  /** A nats-server with JetStream. */
  broker() {
    return (this.#broker ??= startBroker({ say: this.say }));
  }

  #server(name, options) {
    if (!this.#servers.has(name)) this.#servers.set(name, startServer({ ...options, say: this.say }));
    return this.#servers.get(name);
  }

  /** Starts a contestant; our own are profiled when asked for. */
  async enter({ module, settings, core }) {
    const profiles = path.basename(module).startsWith('holdfast') ? this.profiles : undefined;
    const contestant = await startContestant({ module, settings, core, profiles });
    this.onEnd(() => contestant.stop());
    return contestant;
  }

  onEnd(stop) {
    this.#toStop.push(stop);
  }

  /** One line-up of a contestant in the rounds: a key, and what its window is told. */
  entry(key, contestant, { server, ...settings } = {}) {
    const withServer = (method) => async (ms) => {
      const before = server?.read();
      const sample = await contestant.call(method, { ms, ...settings });
      return { ...sample, ...(server && { postgresCpuUs: server.since(before) }) };
    };
    return { key, warmUp: withServer('warmUp'), window: withServer('window') };
  }

  /** Runs the rounds and keeps the absolute figures under a name. */
  async rounds(name, entries, options = {}) {
    const { windowMs, rounds, attempts } = { ...this.options, ...options };
    const say = (line) => this.say(`${name} ${line}`);
    const measured = await runRounds({ entries, rounds, attempts, windowMs, calibration: this.calibration, say });
    const { samples, roundTrips, taken, disturbed } = measured;
    this.figures[name] = { roundTrips, taken, disturbed, windowMs, contestants: absolutes(samples) };
    return measured;
  }

  /** Records a ratio of one contestant to another, with what limits us when it falls short. */
  ratio({ id, what, goal, measured, key, peer, figure, note }) {
    const { samples, roundTrips } = measured;
    const reached = paired(samples, key, peer, figure);
    this.bar({
      id,
      what,
      goal,
      reached,
      roundTrips: roundTrips[key],
      note: [limitOf(samples[key]), note].filter(Boolean).join('; '),
    });
  }

  bar(bar) {
    this.bars.push({ ...bar, met: bar.goal.isMet(bar.reached.median) });
  }

  /** A figure that has no goal of its own. */
  info(info) {
    this.bars.push({ ...info, goal: { text: '' }, met: undefined });
  }

  /** What was written must be what was acknowledged, and nothing may have failed on the way. */
  async verify(label, contestant, argument) {
    const { found, expected, failures = [] } = await contestant.call('verify', argument);
    this.check(label, found, expected);
    if (failures.length > 0) this.violations.push(`${label}: ${failures.length} failures, the first: ${failures[0]}`);
  }

  check(label, found, expected) {
    for (const [what, count] of Object.entries(expected)) {
      if (found[what] !== count) this.violations.push(`${label}: ${what} is ${found[what]}, expected ${count}`);
    }
    this.say(
      `${label}: ${Object.entries(found)
        .map(([what, count]) => `${what} ${count}`)
        .join(', ')}`,
    );
  }

  /** Asks until nothing is left to do, and tells now and then how much it is. */
  async until(left, tell, { everyMs = 250, tellMs = 5_000 } = {}) {
    let told = performance.now();
    for (let rest = await left(); rest > 0; rest = await left()) {
      if (performance.now() - told > tellMs) {
        told = performance.now();
        tell(rest);
      }
      await pause(everyMs);
    }
  }

  /** Ends what a bench started; the servers stay for the next one. */
  async clear() {
    for (let stop = this.#toStop.pop(); stop; stop = this.#toStop.pop()) await stop();
  }

  close() {
    return (this.#closing ??= this.#close());
  }

  async #close() {
    await this.clear();
    this.calibration?.stop();
    for (const server of await Promise.allSettled([...this.#servers.values(), this.#broker]))
      await server.value?.stop();
  }
}

export const profileFolder = path.resolve(import.meta.dirname, '../results/profiles');
