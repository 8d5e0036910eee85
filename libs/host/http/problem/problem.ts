/** One broken rule of one input field. `field` is a path such as `lines[0].quantity`; `''` means the whole body. */
export interface FieldError {
  field: string;
  rule: string;
  message: string;
}

/** The body of every error answer: RFC 9457 problem details with the extension members `traceId` and `errors`. */
export interface Problem {
  /** Stable relative URI, `/problems/<slug>`. Clients branch on this, never on `title` or `detail`. */
  type: string;
  title: string;
  status: number;
  detail: string;
  /** The path that was asked for, without its query (a query may hold personal data). */
  instance: string;
  traceId: string;
  errors?: FieldError[];
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

export const problemType = (slug: string): string => `/problems/${slug}`;
