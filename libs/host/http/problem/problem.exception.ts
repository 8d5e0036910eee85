import { HttpException } from '@nestjs/common';
import type { FieldError } from './problem.js';
import { titleOf } from './problem-types.js';

/** What a thrower says about a problem. */
export interface ProblemDetails {
  /** Slug of the problem type; each factory has a default. */
  type?: string;
  /** A sentence for the person reading the answer. Never another system's error text. */
  detail: string;
  /** Shorthand for one entry of `errors`. */
  field?: string;
  /** Rule of `field`. Default `'invalid'`. */
  rule?: string;
  errors?: FieldError[];
  /** Response headers, such as `Allow`. */
  headers?: Record<string, string>;
  /** Kept for the log, never sent. */
  cause?: unknown;
}

/** An error that already knows its answer. Throw it through the factories in `problems.ts`. */
export class ProblemException extends HttpException {
  readonly slug: string;
  readonly title: string;
  readonly errors: FieldError[] | undefined;
  readonly headers: Record<string, string>;

  constructor(status: number, slug: string, details: ProblemDetails) {
    super(details.detail, status, { cause: details.cause });
    this.name = 'ProblemException';
    this.slug = details.type ?? slug;
    this.title = titleOf(this.slug, status);
    this.headers = details.headers ?? {};
    this.errors =
      details.errors ??
      (details.field === undefined
        ? undefined
        : [{ field: details.field, rule: details.rule ?? 'invalid', message: details.detail }]);
  }
}
