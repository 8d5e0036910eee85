import { drawIdsFrom } from '@holdfast/messaging';
import { AlreadyDone } from '../idempotency/idempotency.js';
import { Operations } from '../road/operations.js';
import { Database } from '../database/database.js';
import { Chance } from './chance.fixture.js';
import { ModelPostgres } from './model-postgres.fixture.js';
import type { PlantedBug } from './model-statements.fixture.js';
import { Provider } from './provider.fixture.js';
import { SimulatedProcess } from './simulated-process.fixture.js';
import { TripAsked, TripNoted, TripWithdrawn } from './travel-contracts.fixture.js';
import { CONTEXTS, travelHandlers } from './travel.fixture.js';
import { complaints, movements, type Evidence } from './verdict.fixture.js';
import { VirtualTime, type Owner } from './virtual-time.fixture.js';

export interface SimulationResult {
  seed: number;
  /** What should not be; empty for a good run. */
  complaints: string[];
  /** Of the trace: equal for equal runs. */
  hash: string;
  trace: readonly string[];
  virtualMs: number;
  /** How often which fault really struck. */
  faults: Record<string, number>;
}

const LONGEST_MS = 900_000;
/** A history has some two thousand; one in which time stands still would have no end. */
const MOST_STEPS = 500_000;
const owner = (name: string): Owner => ({ name, alive: true, pausedUntil: 0, clockOff: 0 });

/** Runs one seed from the first request to rest, and judges it. */
export async function simulate(seed: number, bug?: PlantedBug): Promise<SimulationResult> {
  const simulation = new Simulation(seed, bug);
  return simulation.run();
}

class Simulation {
  private readonly chance: Chance;
  private readonly time = new VirtualTime(owner('server'));
  private readonly client = owner('client');
  private readonly fate = owner('fate');
  private readonly postgres: ModelPostgres;
  private readonly provider: Provider;
  private readonly handlers: Evidence['handlers'];
  private readonly roadWeather = { failing: 0, repeating: 0 };
  private readonly processes: SimulatedProcess[] = [];
  private readonly faults: Record<string, number> = {};
  private clumsiness = 0;
  private started = 0;
  private open = 0;
  private requests = 0;
  private stormy = true;

  constructor(
    private readonly seed: number,
    bug?: PlantedBug,
  ) {
    this.chance = new Chance(seed);
    this.postgres = new ModelPostgres(this.time, this.chance, bug);
    this.provider = new Provider(this.time, this.chance);
    this.handlers = travelHandlers({
      provider: this.provider,
      chance: this.chance,
      clumsiness: () => this.clumsiness,
    });
  }

  async run(): Promise<SimulationResult> {
    const uninstall = this.time.install(() => this.chance.fraction());
    drawIdsFrom(() => this.chance.id());
    try {
      this.begin();
      let nextLook = 0;
      let rested = false;
      await this.time.run(() => {
        if (this.time.trace.length > MOST_STEPS) return true;
        if (this.time.now < nextLook) return false;
        nextLook = this.time.now + 100;
        rested = this.isAtRest();
        return rested || this.time.now > LONGEST_MS;
      });
      return this.result(rested);
    } finally {
      drawIdsFrom();
      uninstall();
    }
  }

  private result(rested: boolean): SimulationResult {
    const { postgres, provider, handlers, requests } = this;
    const found = rested
      ? complaints({ postgres, provider, handlers, requests })
      : [
          `not at rest after ${this.time.now / 1_000} s, ${this.time.trace.length} steps`,
          ...movements({ postgres }).slice(0, 5),
        ];
    for (const complaint of found) this.time.note(`COMPLAINT ${complaint}`);
    const faults = { ...this.faults, ...postgres.faults };
    const { trace, now } = this.time;
    return { seed: this.seed, complaints: found, hash: this.time.hash(), trace, virtualMs: now, faults };
  }

  private isAtRest(): boolean {
    return !this.stormy && this.open === 0 && movements({ postgres: this.postgres }).length === 0;
  }

  private begin(): void {
    const { chance, time } = this;
    this.setWeather(chance.happens(0.1) ? 0 : chance.fraction());
    for (let index = 0; index < 2; index++) this.birth(chance.between(0, 500));
    const trips = 1 + chance.below(3);
    for (let index = 0; index < trips; index++) this.request(chance.between(0, 4_000), index);
    const disasters = chance.below(5);
    for (let index = 0; index < disasters; index++) {
      time.after(chance.between(50, 9_000), this.fate, 'disaster', () => this.disaster());
    }
    time.after(chance.between(4_000, 10_000), this.fate, 'calm', () => this.calm());
  }

  private setWeather(harshness: number): void {
    const some = (most: number) => (this.chance.happens(0.7) ? this.chance.fraction() * most * harshness : 0);
    this.postgres.weather = { refused: some(0.1), lost: some(0.1), slow: some(0.15) };
    Object.assign(this.roadWeather, { failing: some(0.4), repeating: some(0.5) });
    this.clumsiness = some(0.3);
    this.provider.losing = some(0.4);
  }

  /** A process starts. */
  private birth(inMs: number): void {
    const { postgres, chance, handlers, roadWeather } = this;
    const process = new SimulatedProcess(`process ${++this.started}`, {
      postgres,
      chance,
      handlers,
      weather: roadWeather,
    });
    this.processes.push(process);
    this.time.after(inMs, process, 'starts', () => process.start());
  }

  private disaster(): void {
    const { chance, time } = this;
    const process = chance.pick(this.processes.filter(({ alive }) => alive));
    const kind = chance.pick(['kill', 'kill', 'pause', 'pause', 'depose', 'clock', 'replay'] as const);
    this.faults[kind] = (this.faults[kind] ?? 0) + 1;
    time.note(`fate: ${kind} ${process.name}`);
    if (kind === 'kill') {
      process.kill();
      this.birth(chance.between(10, 3_000));
    }
    if (kind === 'pause') process.pausedUntil = time.now + chance.between(500, 15_000);
    if (kind === 'clock') process.clockOff += chance.between(-3_600_000, 3_600_000);
    const context = chance.pick(CONTEXTS);
    if (kind === 'replay') this.postgres.tables(context).cursor = { via: 'in-process', xid: 0, position: 0 };
    if (kind === 'depose' || kind === 'replay') this.postgres.locks.get(context)?.end(); // it may not know yet
  }

  /** The faults end; what was parked is redriven until nothing is. */
  private calm(): void {
    this.stormy = false;
    this.setWeather(0);
    const redrive = () => {
      for (const context of CONTEXTS) {
        const operations = new Operations(context, new Database(this.postgres.pool(context, this.fate)), () => {});
        for (const { message_id, handler, parked, done } of this.postgres.tables(context).inbox.values())
          if (parked && done === null) operations.redrive(message_id, handler).catch(() => {});
      }
      this.time.after(2_000, this.fate, 'redrives', redrive);
    };
    redrive();
  }

  /** A client that wants a trip, says two more things about it, and may change its mind; it insists until it is told yes. */
  private request(inMs: number, index: number): void {
    const { chance } = this;
    this.open += 1;
    const card = chance.happens(0.25) ? 'no' : 'yes';
    const withdraws = chance.happens(0.25);
    let tripId = '';
    const steps: ((process: SimulatedProcess, n: number) => Promise<unknown>)[] = [
      (process) =>
        this.once(process, `ask ${index}`, (work) => {
          const id = this.chance.id();
          work.emit(TripAsked, { tripId: id, card });
          return id;
        }).then((id) => (tripId = id)),
      ...[1, 2].map(
        (n) => (process: SimulatedProcess) =>
          this.once(process, `note ${index} ${n}`, (work) => (work.emit(TripNoted, { tripId, n }), tripId)),
      ),
    ];
    if (withdraws) {
      steps.push((process) =>
        this.once(process, `withdraw ${index}`, (work) => (work.emit(TripWithdrawn, { tripId, card }), tripId)),
      );
    }
    this.insist(inMs, steps, 0);
  }

  private insist(inMs: number, steps: ((process: SimulatedProcess, n: number) => Promise<unknown>)[], n: number): void {
    const { time, chance } = this;
    time.after(inMs, this.client, 'asks', () => {
      const process = chance.pick(this.processes.filter(({ alive, roads }) => alive && roads.size > 0).concat([]));
      if (!process) return this.insist(200, steps, n);
      let over = false;
      const goOn = (again: boolean) => {
        if (over) return;
        over = true;
        if (again) return this.insist(chance.between(50, 400), steps, n);
        if (n === 0) this.requests += 1;
        if (n + 1 < steps.length) this.insist(chance.between(1, 1_500), steps, n + 1);
        else this.open -= 1;
      };
      time.after(4_000, this.client, 'has waited long enough', () => goOn(true));
      time.after(0.5, process, 'is asked', () => {
        steps[n]!(process, n).then(
          () => goOn(false),
          () => goOn(true),
        );
      });
    });
  }

  private async once(
    process: SimulatedProcess,
    key: string,
    work: (tx: Parameters<Parameters<Road['work']['run']>[0]>[0]) => string,
  ): Promise<string> {
    const road = process.roads.get('travel')!;
    const request = { principal: 'client', route: 'trip', key, fingerprint: key, keepForHours: 24 };
    const known = await road.idempotency.find(request);
    if (known) return String(known.result);
    try {
      return await road.idempotency.within(request, () => road.work.run((tx) => work(tx)));
    } catch (error) {
      if (!(error instanceof AlreadyDone)) throw error;
      return String((await road.idempotency.find(request))!.result);
    }
  }
}

type Road = SimulatedProcess['roads'] extends Map<unknown, infer R> ? R : never;
