import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { InstanceList } from '../instance-list.js';
import { NOTHING_TO_ANNOUNCE, type Freshness, type Registration, type Registry } from '../registry.js';
import { InvalidInstances, readInstances } from './read-instances.js';

/** Where the list is. */
export interface FileRegistryOptions {
  /** Path of a JSON file (see `readInstances`), or the JSON itself. */
  source: string;
  /** Milliseconds between two looks at the file; default 250. */
  everyMs?: number;
  /** Services that must be in it from the start. */
  required?: readonly string[];
  /** Told what is wrong with the file, once per fault. */
  failed?: (error: unknown) => void;
}

/**
 * A list that somebody else keeps in a file: a supervisor, a template, a hand. Changes are taken over while running; a file
 * that is gone, half written or wrong changes nothing until it is right again. Write it beside and rename it.
 *
 * @example new FileRegistry({ source: '/run/targets.json' })
 */
export class FileRegistry implements Registry {
  readonly kind = 'file';
  private readonly list: InstanceList;
  private readonly timer: NodeJS.Timeout | undefined;
  private text = '';
  private fault: string | undefined;
  private reading: Promise<void> | undefined;

  /** @throws InvalidInstances when the list cannot be read now, or lacks a required service */
  constructor(private readonly options: FileRegistryOptions) {
    const { source, everyMs = 250, required = [] } = options;
    this.list = new InstanceList({ awayAfterMs: Math.max(2_000, everyMs * 4) });
    const inline = source.trimStart().startsWith('{');
    const text = inline ? source : contentOf(source);
    const services = readInstances(text);
    const missing = required.filter((service) => !services.get(service)?.length);
    if (missing.length > 0) throw new InvalidInstances(missing.map((service) => `nobody answers for ${service}`));
    this.take(text);
    this.timer = setInterval(() => (inline ? this.list.proved() : void this.look()), everyMs).unref();
  }

  register(): Promise<Registration> {
    return Promise.resolve(NOTHING_TO_ANNOUNCE);
  }

  watch(service: string): ReturnType<InstanceList['watch']> {
    return this.list.watch(service);
  }

  freshness(): Freshness {
    return this.list.freshness();
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    this.list.close();
    await this.reading;
  }

  /** A service that is no longer named keeps its list: an empty one has to be said, `"letters": []`. */
  private take(text: string): void {
    if (text !== this.text) for (const [service, all] of readInstances(text)) this.list.replace(service, all);
    this.text = text;
    this.fault = undefined;
    this.list.proved();
  }

  private look(): Promise<void> {
    this.reading ??= readFile(this.options.source, 'utf8')
      .then((text) => this.take(text))
      .catch((error: Error) => {
        if (this.fault !== error.message) this.options.failed?.(error);
        this.fault = error.message;
        this.list.failed(error.message);
      })
      .finally(() => (this.reading = undefined));
    return this.reading;
  }
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InvalidInstances([`${file} cannot be read (${(error as Error).message})`]);
  }
}
