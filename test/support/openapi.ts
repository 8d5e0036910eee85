import { randomUUID } from 'node:crypto';
import { type Client, expecting } from './client.js';

export interface Schema {
  $ref?: string;
  allOf?: Schema[];
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  example?: unknown;
  enum?: unknown[];
}

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  schema: Schema & { format?: string };
}

interface RawOperation {
  operationId: string;
  description?: string;
  security?: object[];
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, unknown>;
}

export interface Document {
  openapi: string;
  info: { title: string };
  paths: Record<string, Record<string, RawOperation>>;
  components: { schemas: Record<string, Schema> };
}

export interface Operation {
  readonly method: string;
  readonly template: string;
  /** The template with ids of nothing that exists. */
  readonly path: string;
  readonly access: 'open' | 'signed-in' | readonly string[];
  readonly parameters: readonly Parameter[];
  /** What a JSON body looks like; undefined when the route takes none. */
  readonly body?: Schema;
  toString(): string;
}

export async function documentOf(client: Client): Promise<Document> {
  return expecting(200, await client.get<Document>('/docs-json'));
}

/** Every operation the shop says it has. */
export function operationsOf(document: Document): Operation[] {
  return Object.entries(document.paths).flatMap(([template, item]) =>
    Object.entries(item).map(([method, raw]): Operation => {
      const schema = raw.requestBody?.content['application/json']?.schema;
      return {
        method: method.toUpperCase(),
        template,
        path: filled(template, raw.parameters ?? []),
        access: accessOf(raw),
        parameters: raw.parameters ?? [],
        ...(schema && { body: resolved(schema, document) }),
        toString: () => `${method.toUpperCase()} ${template}`,
      };
    }),
  );
}

function accessOf({ security = [], description = '' }: RawOperation): Operation['access'] {
  if (security.length === 0) return 'open';
  const roles = /Role: ([a-z ]+)\./.exec(description)?.[1];
  return roles ? roles.split(' or ') : 'signed-in';
}

const filled = (template: string, parameters: Parameter[]) =>
  template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const uuid = parameters.some((parameter) => parameter.name === name && parameter.schema.format === 'uuid');
    if (uuid || /id$/i.test(name)) return name === 'traceId' ? 'f'.repeat(32) : randomUUID();
    return name === 'sku' ? 'NO-SUCH-TEA' : 'nothing';
  });

/** The schema with its references followed. */
function resolved(schema: Schema, document: Document): Schema {
  const target = schema.$ref ?? schema.allOf?.[0]?.$ref;
  if (target) return resolved(document.components.schemas[target.split('/').at(-1)!]!, document);
  return {
    ...schema,
    ...(schema.items && { items: resolved(schema.items, document) }),
    ...(schema.properties && {
      properties: Object.fromEntries(
        Object.entries(schema.properties).map(([name, property]) => [name, resolved(property, document)]),
      ),
    }),
  };
}

/** A body made of the examples that the document gives. */
export function exampleOf(schema: Schema): unknown {
  if (schema.example !== undefined) return schema.example;
  if (schema.enum) return schema.enum[0];
  if (schema.type === 'array') return [exampleOf(schema.items!)];
  if (schema.properties) {
    return Object.fromEntries(Object.entries(schema.properties).map(([name, property]) => [name, exampleOf(property)]));
  }
  if (schema.type === 'integer' || schema.type === 'number') return 1;
  return 'an-example-of-text';
}

export interface Place {
  /** As the shop names it: `lines[0].sku`. */
  field: string;
  path: (string | number)[];
  schema: Schema;
  required: boolean;
}

/** Every field of a body, nested ones too. */
export function placesIn(schema: Schema, path: (string | number)[] = [], required = true): Place[] {
  const here = path.length === 0 ? [] : [{ field: nameOf(path), path, schema, required }];
  if (schema.type === 'array') return [...here, ...placesIn(schema.items!, [...path, 0], true)];
  const inside = Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    placesIn(property, [...path, name], schema.required?.includes(name) ?? false),
  );
  return [...here, ...inside];
}

const nameOf = (path: (string | number)[]) =>
  path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');

/** A copy of the body with something else at one place; `undefined` takes it away. */
export function changed(body: unknown, path: (string | number)[], value: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  const copy = (Array.isArray(body) ? [...body] : { ...(body as object) }) as Record<string | number, unknown>;
  if (rest.length === 0 && value === undefined) {
    if (Array.isArray(copy)) copy.splice(first as number, 1);
    else delete copy[first];
  } else copy[first] = changed(copy[first], rest, value);
  return copy;
}
