import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { registerGauge } from '../metrics/gauges.js';

/** How late the event loop was, in milliseconds, over the last second. */
export interface Lag {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const RESOLUTION_MS = 100;
const WINDOW_MS = 1_000;

/**
 * Measures how late the event loop is, in windows of one second. Each sample wakes the process: every 100 ms costs it 0.6 ms of CPU
 * a second, every 20 ms 2.6 ms. What holds the loop up for less than that may be seen in part only.
 */
@Injectable()
export class EventLoopLag implements OnModuleDestroy {
  private readonly histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private readonly timer: NodeJS.Timeout;
  private readonly takeBackGauge: () => void;
  private last: Lag = { p50: 0, p99: 0, max: 0 };

  constructor() {
    this.histogram.enable();
    this.timer = setInterval(() => this.closeWindow(), WINDOW_MS).unref();
    this.takeBackGauge = registerGauge({
      name: 'event_loop_lag_seconds',
      help: 'How late the event loop was over the last second',
      labels: ['quantile'],
      read: () => Object.entries(this.last).map(([quantile, ms]) => ({ labels: { quantile }, value: ms / 1_000 })),
    });
  }

  /** Of the last finished window. */
  current(): Lag {
    return this.last;
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    this.histogram.disable();
    this.takeBackGauge();
  }

  private closeWindow(): void {
    const { histogram } = this;
    if (histogram.count === 0) return;
    this.last = {
      p50: lateness(histogram.percentile(50)),
      p99: lateness(histogram.percentile(99)),
      max: lateness(histogram.max),
    };
    histogram.reset();
  }
}

/** The histogram holds the whole time between two samples, in nanoseconds. */
function lateness(nanoseconds: number): number {
  return Math.max(0, Math.round(nanoseconds / 1e4) / 100 - RESOLUTION_MS);
}
