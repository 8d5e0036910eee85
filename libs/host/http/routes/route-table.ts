import type { FastifyInstance } from 'fastify';

interface Route {
  segments: string[];
  methods: Set<string>;
}

/**
 * The routes of the process, to tell a wrong method (405 with `Allow`) from a wrong path (404): Fastify answers 404 to
 * both. Asked only after the router has found nothing, so a linear search is enough.
 */
export class RouteTable {
  private readonly routes = new Map<string, Route>();

  /** Learns every route registered on this instance from now on. */
  watch(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', ({ url, method }) => this.add(url, [method].flat()));
  }

  add(url: string, methods: string[]): void {
    const known = this.routes.get(url) ?? { segments: url.split('/'), methods: new Set<string>() };
    for (const method of methods) known.methods.add(method);
    this.routes.set(url, known);
  }

  /** Methods of the resource at this path, sorted; empty when there is none. */
  allowed(path: string): string[] {
    const segments = path.split('/').map(decodedSegment);
    const methods = new Set<string>();
    for (const route of this.routes.values()) {
      if (matches(route.segments, segments)) for (const method of route.methods) methods.add(method);
    }
    return [...methods].sort();
  }
}

function matches(route: string[], path: string[]): boolean {
  for (const [index, expected] of route.entries()) {
    if (expected === '*') return index > 0 && path.length > index;
    const actual = path[index];
    if (actual === undefined) return false;
    if (expected.startsWith(':') ? actual === '' : expected !== actual) return false;
  }
  return route.length === path.length;
}

function decodedSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
