import type { Fleet } from '@holdfast/routing';
import { TOKEN_FACTS_PATH } from '../identity/token-facts.controller.js';
import type { TokenFacts, TokenFeed } from '../identity/token-feed.js';
import { nobodyAnswers } from './gateway-problems.js';

/** Asks the process that issues access tokens, as an edge and in nobody else's name. */
export class TokenFeedOverHttp implements TokenFeed {
  /**
   * @param context the one that issues tokens
   * @param ownToken gives a token of the edge itself for that context
   */
  constructor(
    private readonly fleet: Fleet,
    private readonly context: string,
    private readonly ownToken: (context: string) => Promise<string>,
  ) {}

  /** @throws Error when nobody answers, not in time, or not with what was asked for */
  async tokenFacts(withinSeconds: number, signal?: AbortSignal): Promise<TokenFacts> {
    const host = this.fleet.choose(this.context)?.host;
    if (!host) throw nobodyAnswers(this.context);
    const { statusCode, body } = await host.request({
      method: 'GET',
      path: `${TOKEN_FACTS_PATH}?withinSeconds=${withinSeconds}`,
      headers: { authorization: `Bearer ${await this.ownToken(this.context)}` },
      ...(signal && { signal }),
    });
    const text = await body.text();
    if (statusCode === 200) return JSON.parse(text) as TokenFacts;
    const hint =
      statusCode === 401 ? ': does INTERNAL_TOKEN_PUBLIC_KEYS hold the public half of INTERNAL_TOKEN_KEY?' : '';
    throw new Error(`${this.context} answered ${statusCode} to a question about tokens${hint}`);
  }
}
