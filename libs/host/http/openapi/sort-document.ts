import type { OpenAPIObject } from '@nestjs/swagger';

/** Orders paths, components, tags and responses by name, so that the order in which contexts are mounted does not show. */
export function sortDocument(document: OpenAPIObject): OpenAPIObject {
  const components = Object.entries(document.components ?? {}).map(([kind, entries]) => [
    kind,
    byName(entries as object),
  ]);
  return {
    ...document,
    tags: [...(document.tags ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1)),
    paths: byName(document.paths, (item) => byName(item, withSortedResponses)),
    components: byName(Object.fromEntries(components) as object),
  } as OpenAPIObject;
}

function byName<T extends object>(entries: T, each: (value: never) => unknown = (value) => value): T {
  const sorted = Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(sorted.map(([name, value]) => [name, each(value as never)])) as T;
}

function withSortedResponses(operation: object): object {
  const { responses } = operation as { responses?: object };
  return responses ? { ...operation, responses: byName(responses) } : operation;
}
