import type { Type } from '@nestjs/common';
import type { TokenCheck } from './tokens/token-kind.js';

/** Settings of `SecurityModule`. */
export interface SecurityOptions {
  /** Judges the token of a request. */
  tokens: TokenCheck;
  /**
   * For which audiences a controller accepts tokens, where an application has several. Default: whatever the check accepts.
   */
  audiencesOf?: (controller: Type) => readonly string[];
}

/** Injection token of the options. */
export const securityOptions = Symbol('holdfast:security-options');
