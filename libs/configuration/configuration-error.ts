/** One thing that is wrong with one variable. Never holds the value. */
export interface ConfigurationFault {
  readonly variable: string;
  readonly problem: string;
  readonly remedy: string;
}

/** Every fault of every definition at once, so that one restart mends them all. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly faults: readonly ConfigurationFault[]) {
    const lines = faults.map(({ variable, problem, remedy }) => `  ${variable}: ${problem}\n    → ${remedy}`);
    super(`${faults.length} configuration fault${faults.length === 1 ? '' : 's'}:\n${lines.join('\n')}`);
  }
}
