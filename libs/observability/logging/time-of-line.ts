let lastMs = 0;
let text = '';

/** The time of a line as pino wants it, ISO 8601; made once for all lines of a millisecond. */
export function timeOfLine(): string {
  const now = Date.now();
  if (now !== lastMs) {
    lastMs = now;
    text = `,"time":"${new Date(now).toISOString()}"`;
  }
  return text;
}
