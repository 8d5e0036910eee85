import type { FastifyInstance } from 'fastify';
import { notFound } from './problems.js';
import { findProblemType, listProblemTypes } from './problem-types.js';

/** Makes the `type` of every problem a link that can be followed: `GET /problems` and `GET /problems/<slug>`. */
export function describeProblems(fastify: FastifyInstance): void {
  fastify.get('/problems', () => ({ items: listProblemTypes() }));
  fastify.get<{ Params: { slug: string } }>('/problems/:slug', ({ params }) => {
    const type = findProblemType(params.slug);
    if (!type) throw notFound({ detail: 'There is no such problem type.' });
    return { type: `/problems/${params.slug}`, ...type };
  });
}
