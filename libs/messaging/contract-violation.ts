/** One fault in some data: where, which JSON Schema keyword, and what it wants. Values are left out: they may be personal. */
export interface Violation {
  path: string;
  rule: string;
  message: string;
}

/** Data does not fit its contract. A message that violates its contract is parked, never retried: it cannot heal. */
export class ContractViolation extends Error {
  override readonly name = 'ContractViolation';

  constructor(
    readonly contract: string,
    readonly violations: Violation[],
  ) {
    super(`${contract}: ${violations.map(({ path, message }) => `${path} ${message}`).join('; ')}`);
  }
}
