import type { AccessRule } from '@holdfast/security';
import type { OpenAPIObject } from '@nestjs/swagger';
import { STATUS_CODES } from 'node:http';
import { PROBLEM_MEDIA_TYPE } from '../problem/problem.js';
import { listProblemTypes } from '../problem/problem-types.js';
import type { Routes } from './routes-of.js';

type PathItem = OpenAPIObject['paths'][string];
type Operation = NonNullable<PathItem['get']>;
type Components = NonNullable<OpenAPIObject['components']>;
type Responses = NonNullable<Components['responses']>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Adds to every operation what the edge does for it: its security and the problems it can answer. */
export function describeOperations(document: OpenAPIObject, routes: Routes): void {
  document.components ??= {};
  document.components.schemas = { ...document.components.schemas, ...problemSchemas };
  document.components.responses = { ...document.components.responses, ...problemResponses() };
  for (const item of Object.values(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation) describe(operation, method, routes.get(operation.operationId ?? ''));
    }
  }
}

function describe(operation: Operation, method: string, access: AccessRule | undefined): void {
  operation.security = access?.kind === 'open' ? [] : [{ bearer: [] }];
  if (access?.kind === 'roles') {
    operation.description = [operation.description, `Role: ${access.roles.join(' or ')}.`].filter(Boolean).join(' ');
  }
  for (const status of statusesOf(operation, method, access)) {
    if (operation.responses[status]) continue;
    operation.responses[status] = { $ref: `#/components/responses/Problem${status}` };
  }
}

function statusesOf(operation: Operation, method: string, access: AccessRule | undefined): number[] {
  const writes = method !== 'get';
  const inPath = (operation.parameters ?? []).some((parameter) => 'in' in parameter && parameter.in === 'path');
  return [
    400,
    ...(access?.kind === 'open' ? [] : [401]),
    ...(access?.kind === 'roles' ? [403] : []),
    ...(inPath ? [404] : []),
    ...(writes ? [409, 413, 415, 422] : []),
    503,
    504,
  ];
}

function problemResponses(): Responses {
  const statuses = [...new Set(listProblemTypes().map(({ status }) => status))];
  return Object.fromEntries(statuses.map((status) => [`Problem${status}`, problemResponse(status)]));
}

function problemResponse(status: number): Responses[string] {
  const types = listProblemTypes().filter((type) => type.status === status);
  const headers =
    status === 503 || status === 429
      ? { 'Retry-After': { schema: { type: 'integer' as const, minimum: 1 } } }
      : undefined;
  const [first] = types;
  return {
    description: [STATUS_CODES[status], ...types.map(({ type, meaning }) => `\`${type}\`: ${meaning}`)].join('\n\n'),
    ...(headers ? { headers } : {}),
    content: {
      [PROBLEM_MEDIA_TYPE]: {
        schema: { $ref: '#/components/schemas/Problem' },
        example: {
          type: first?.type,
          title: first?.title,
          status,
          detail: first?.meaning,
          instance: '/api/v1/…',
          traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
        },
      },
    },
  };
}

const text = { type: 'string' as const };

const problemSchemas: NonNullable<Components['schemas']> = {
  FieldError: {
    type: 'object',
    required: ['field', 'rule', 'message'],
    properties: { field: { ...text, example: 'lines[0].quantity' }, rule: { ...text, example: 'max' }, message: text },
  },
  Problem: {
    type: 'object',
    description: 'RFC 9457 problem details',
    required: ['type', 'title', 'status', 'detail', 'instance', 'traceId'],
    properties: {
      type: { ...text, format: 'uri-reference' },
      title: text,
      status: { type: 'integer' },
      detail: text,
      instance: text,
      traceId: text,
      errors: { type: 'array', items: { $ref: '#/components/schemas/FieldError' } },
    },
  },
};
