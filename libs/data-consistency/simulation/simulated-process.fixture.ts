import { InProcessConveyor, type Conveyor, type Message, type MessageSink } from '@holdfast/messaging';
import { Database } from '../database/database.js';
import type { MessageHandler } from '../inbox/handler.js';
import { Road } from '../road/road.js';
import type { Chance } from './chance.fixture.js';
import type { ModelPostgres } from './model-postgres.fixture.js';
import { CONTEXTS, type ContextName } from './travel.fixture.js';
import type { Owner } from './virtual-time.fixture.js';

/** Probabilities, each per batch. */
export interface RoadWeather {
  /** A reader fails before or after it took a batch. */
  failing: number;
  /** A batch, or an older one, comes again. */
  repeating: number;
}

interface ProcessOptions {
  postgres: ModelPostgres;
  chance: Chance;
  handlers: Record<ContextName, MessageHandler[]>;
  weather: RoadWeather;
}

/** A process that runs all contexts: the real roads, on the model of PostgreSQL. */
export class SimulatedProcess implements Owner {
  alive = true;
  pausedUntil = 0;
  clockOff = 0;
  readonly roads = new Map<ContextName, Road>();

  constructor(
    readonly name: string,
    private readonly options: ProcessOptions,
  ) {}

  /** To be called while it is the one that runs. */
  start(): void {
    const { postgres, handlers } = this.options;
    const conveyor = this.roughConveyor();
    for (const context of CONTEXTS) {
      const road = new Road({
        context,
        database: new Database(postgres.pool(context, this)),
        conveyor,
        projections: [],
        observed: () => {},
        failed: (part, error) => this.failed(part, error),
        leaseMs: 2_000,
        concurrency: 3,
      });
      road.connect(handlers[context]);
      this.roads.set(context, road);
    }
    for (const road of this.roads.values()) road.start();
  }

  /** kill -9. */
  kill(): void {
    this.alive = false;
    this.options.postgres.lose(this);
  }

  private failed(part: string, error: unknown): void {
    this.options.postgres.time.note(`${this.name}: ${part} failed: ${String(error)}`);
    if (error instanceof TypeError || error instanceof ReferenceError) throw error; // a fault of the simulation's
  }

  /** The real conveyor on a rough road: batches come again, also old ones, and readers fail before or after they took one. */
  private roughConveyor(): Conveyor {
    const { chance, weather, postgres } = this.options;
    const inner = new InProcessConveyor();
    const carried: (readonly Message[])[] = [];
    const carry = async (batch: readonly Message[]) => {
      if (carried.length > 0 && chance.happens(weather.repeating)) await inner.carry(chance.pick(carried));
      await inner.carry(batch);
      if (chance.happens(weather.repeating)) await inner.carry(batch);
      carried.push(batch);
    };
    const hasty = postgres.bug === 'the cursor moves before the batch is carried';
    return {
      name: inner.name,
      lastCarried: () => inner.lastCarried(),
      connect: (sink) => inner.connect(this.clumsySink(sink)),
      carry: async (batch) => {
        if (!hasty) return carry(batch);
        void carry(batch).catch(() => {});
      },
    };
  }

  private clumsySink(sink: MessageSink): MessageSink {
    const { chance, weather } = this.options;
    return {
      context: sink.context,
      contracts: sink.contracts,
      reads: (message) => sink.reads(message),
      ingest: async (messages) => {
        if (chance.happens(weather.failing)) throw new Error(`${sink.context} did not take it`);
        await sink.ingest(messages);
        if (chance.happens(weather.failing)) throw new Error(`${sink.context} took it and cannot say so`);
      },
    };
  }
}
