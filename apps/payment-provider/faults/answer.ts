export interface Answer {
  status: number;
  type: string;
  body: string;
  headers?: Record<string, string>;
}

/** How a provider words its own failures. */
export type WordError = (status: number, code: string, message: string) => Answer;
