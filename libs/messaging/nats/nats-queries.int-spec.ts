import { ClientProxy } from '@nestjs/microservices';
import type { NatsConnection } from '@nats-io/transport-node';
import { lastValueFrom } from 'rxjs';
import { NatsServer } from '../../../test/support/nats-server.js';
import { dice, outcome } from '../ask.fixture.js';
import { Type } from '../building-blocks.js';
import { defineQuery } from '../query.js';
import { Queries } from '../queries.js';
import { remaining, until } from '../query-deadline.js';
import { connectNats } from './connect-nats.js';
import { NatsQueries, type QueryTravel } from './nats-queries.js';
import { NatsQueryClient } from './query-client.js';
import type { QueryCircumstances } from './query-wire.js';
import { querySubject } from './subjects.js';

const text = Type.Object({ text: Type.String({ maxLength: 20 }) });
const define = (name: string, deadlineMs = 5_000) =>
  defineQuery(`letters.${name}`, 1, { input: text, output: Type.Object({ text: Type.String() }), deadlineMs });

const Echo = define('echo');
const Slow = define('slow', 100);
const Sullen = define('sullen');
const Muddled = define('muddled');
const Silent = define('silent');
const Entangled = define('entangled');
const Nobody = define('nobody');
const Passing = define('passing');

const never = () => new Promise<never>(() => {});

/** The same answerers, wherever they are. */
function answerIn(queries: Queries): void {
  queries.answer(Echo, (input) => ({ ...input, extra: [undefined, Number.NaN, new Date(0)] }) as never);
  queries.answer(Slow, never);
  queries.answer(Sullen, ({ text: said }) => {
    if (said.length % 2) throw new Error(`not ${said}`);
    return Promise.reject(new TypeError(`never ${said}`));
  });
  queries.answer(Muddled, () => ({ text: 7 }) as never);
  queries.answer(Silent, () => undefined as never);
  queries.answer(Entangled, () => {
    const loop: Record<string, unknown> = { text: 'a' };
    loop.self = loop;
    return loop as never;
  });
  queries.answer(Passing, (input) => queries.ask(Sullen, input));
}

let server: NatsServer;
let connections: NatsConnection[];
const connect = async (name: string) => {
  const connection = await connectNats({ url: server.url, name });
  connections.push(connection);
  return connection;
};
beforeAll(async () => void (server = await NatsServer.start()));
beforeEach(() => void (connections = []));
afterEach(() => Promise.all(connections.map((one) => one.close())));
afterAll(() => server.remove());

async function apart(travel?: QueryTravel): Promise<{ asker: NatsQueries; answerer: NatsQueries }> {
  const more = travel && { travel };
  const answerer = new NatsQueries({ connection: await connect('answerer'), ...more });
  const asker = new NatsQueries({ connection: await connect('asker'), ...more });
  answerIn(answerer);
  answerer.server.listen(() => {});
  await connections[0]!.flush();
  return { asker, answerer };
}

describe('queries over NATS', () => {
  it('come out as they do in one process, whatever is asked', async () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    const roll = dice(seed);
    const together = new Queries();
    answerIn(together);
    const { asker } = await apart();
    await asker.ask(Echo, { text: 'first' });
    const queries = [Echo, Echo, Echo, Sullen, Muddled, Silent, Entangled, Nobody, Passing, Slow];
    const inputs = [
      () => ({ text: 'x'.repeat(roll(20)) }),
      () => ({ text: 'ä 😀 "\\\n' }),
      () => ({ text: 'a', more: { deep: [1, null, undefined, new Date(roll(9))] } }),
      () => ({ text: 'far too long for this query' }),
      () => ({ text: roll(9) }),
      () => ({}),
      () => undefined,
      () => null,
    ];
    const cases = Array.from({ length: 150 }, () => ({
      query: queries[roll(queries.length)]!,
      input: inputs[roll(inputs.length)]!(),
    }));
    const both = await Promise.all(
      cases.map(async ({ query, input }) => ({
        query: query.type,
        input,
        apart: await outcome(asker, query, input),
        together: await outcome(together, query, input),
      })),
    );
    const different = both.filter((one) => JSON.stringify(one.apart) !== JSON.stringify(one.together));
    expect({ seed, different }).toEqual({ seed, different: [] });
    const kinds = new Set(both.map(({ together: one }) => ('answer' in one ? 'answer' : one.name)));
    expect([...kinds].sort()).toEqual([
      'ContractViolation',
      'QueryFailed',
      'QueryTimeout',
      'QueryUnanswered',
      'answer',
    ]);
  }, 60_000);

  it('say at once that nobody answers', async () => {
    const { asker } = await apart();
    const Patient = define('patient', 60_000);
    const began = performance.now();
    await expect(asker.ask(Patient, { text: 'a' })).rejects.toMatchObject({ name: 'QueryUnanswered' });
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('carry whose question it is, and leave to what is asked meanwhile only the time that is left', async () => {
    const seen: QueryCircumstances[] = [];
    const said = { traceparent: '00-1-2-01', correlationId: 'c', principal: { sub: 'zoë', roles: ['admin'] } };
    const travel: QueryTravel = {
      leave: () => said,
      arrive: (circumstances, work) => (seen.push(circumstances), work()),
    };
    const { asker, answerer } = await apart(travel);
    const Long = define('long', 60_000);
    const Outer = define('outer', 300);
    answerer.answer(Long, never);
    answerer.answer(Outer, (input) => answerer.ask(Long, input));
    await connections[0]!.flush();
    const error = await asker.ask(Outer, { text: 'a' }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'QueryTimeout' });
    expect(seen).toEqual([{ ...said, withinMs: 300 }]);
    expect((error as { deadlineMs: number }).deadlineMs).toBeLessThanOrEqual(300);
  });

  it('leave to each question of a message the time that it has itself', async () => {
    const { asker, answerer } = await apart();
    const output = Type.Object({ left: Type.Integer() });
    const Left = defineQuery('letters.left', 1, { input: text, output, deadlineMs: 60_000 });
    answerer.answer(Left, async () => {
      await Promise.resolve();
      return { left: remaining(90_000) };
    });
    await connections[0]!.flush();
    const soon = performance.now() + 20_000;
    const asked = [60_000, 20_000, 20_000, 60_000].map((ms) =>
      ms === 60_000 ? asker.ask(Left, { text: '' }) : until(soon, () => asker.ask(Left, { text: '' })),
    );
    const answers = await Promise.all(asked);
    expect(answers.map(({ left }) => Math.ceil(left / 20_000))).toEqual([3, 1, 1, 3]);
  });

  it('are answered before a server has closed, or have timed out', async () => {
    const { asker, answerer } = await apart();
    const Held = define('held');
    let release!: (answer: { text: string }) => void;
    const begun = new Promise<void>((begin) =>
      answerer.answer(Held, () => (begin(), new Promise((resolve) => (release = resolve)))),
    );
    await connections[0]!.flush();
    const slow = outcome(asker, Slow, { text: 'a' });
    const held = outcome(asker, Held, { text: 'a' });
    await begun;
    let isClosed = false;
    const closed = answerer.server.close().then(() => (isClosed = true));
    expect(await slow).toMatchObject({ name: 'QueryTimeout' });
    expect(isClosed).toBe(false);
    release({ text: 'at last' });
    expect(await held).toEqual({ answer: { text: 'at last' } });
    await closed;
    expect(await outcome(asker, Echo, { text: 'a' })).toMatchObject({ name: 'QueryUnanswered' });
  });

  it('share the questions among the processes that answer, and go on with the rest when one ends', async () => {
    const { asker } = await apart();
    const second = new NatsQueries({ connection: await connect('second') });
    let answered = 0;
    second.answer(Echo, (input) => (answered++, input));
    second.server.listen(() => {});
    await connections.at(-1)!.flush();
    // One after another: what is asked at once travels together, and four messages may well all go to the same process.
    const ask = async () => {
      const answers = [];
      for (let n = 0; n < 60; n++) answers.push(await asker.ask(Echo, { text: String(n) }));
      return answers;
    };
    await ask();
    expect(answered).toBeGreaterThan(0);
    expect(answered).toBeLessThan(60);
    await second.server.close();
    const before = answered;
    expect((await ask()).map((one) => one.text)).toEqual(Array.from({ length: 60 }, (_, n) => String(n)));
    expect(answered).toBe(before);
  });

  it('tell who asked that an answer is too large for the broker, and nobody else', async () => {
    const { asker, answerer } = await apart();
    const Long = defineQuery('letters.repeated', 1, { input: text, output: Type.Object({ text: Type.String() }) });
    answerer.answer(Long, (input) => ({ text: input.text.repeat(2_000_000 - 1_999_990 * Number(input.text !== 'x')) }));
    await connections[0]!.flush();
    const asked = ['a', 'b', 'x', 'c'].map((letter) => outcome(asker, Long, { text: letter }));
    const [a, b, x, c] = await Promise.all(asked);
    expect([a, b, c]).toEqual(['a', 'b', 'c'].map((letter) => ({ answer: { text: letter.repeat(10) } })));
    expect(x).toMatchObject({ name: 'QueryFailed', message: expect.stringContaining('max_payload') });
  });

  it('are answered beside one that came damaged, which is told so by its number', async () => {
    await apart();
    const raw = await connect('raw');
    const [good, other] = ['a', 'b'].map((said) => `{"withinMs":5000,"input":{"text":"${said}"}}`);
    const damaged = `{"withinMs":5000,"principal":{},"input":{"text":"c"}}`;
    const outcomes: { n: number; answer?: { text: string }; error?: string }[] = [];
    const answered = Promise.withResolvers<void>();
    raw.subscribe('raw.reply', {
      callback: (_, reply) => {
        outcomes.push(...reply.json<typeof outcomes>());
        if (outcomes.length === 4) answered.resolve();
      },
    });
    raw.publish(querySubject(Echo.type), `[${good},null,${damaged},${other}]`, { reply: 'raw.reply' });
    await answered.promise;
    const byNumber = outcomes.sort((one, two) => one.n - two.n);
    expect(byNumber.map(({ answer, error }) => answer?.text ?? error)).toEqual(['a', 'failed', 'failed', 'b']);
  });

  it('fail together, and at once, when their message cannot be read; the first also for an asker that knows only numbers', async () => {
    const { asker } = await apart();
    const raw = await connect('raw');
    const { data } = await raw.request(querySubject(Echo.type), 'no json', { timeout: 5_000 });
    const [common, first] = JSON.parse(Buffer.from(data).toString()) as object[];
    expect(common).toEqual({ error: 'failed', query: Echo.type, reason: expect.stringContaining('not valid JSON') });
    expect(first).toEqual({ n: 0, ...common });
    const Patient = define('patient', 60_000);
    raw.subscribe(querySubject(Patient.type), { callback: (_, message) => void message.respond(data) });
    await raw.flush();
    const asked = await Promise.all(['a', 'b', 'c'].map((said) => outcome(asker, Patient, { text: said })));
    expect(asked.map((one) => 'name' in one && one.name)).toEqual(['QueryFailed', 'QueryFailed', 'QueryFailed']);
  });

  it("are a Nest client's to send, too", async () => {
    await apart();
    const client: ClientProxy = new NatsQueryClient({ connection: await connect('nest') });
    await expect(lastValueFrom(client.send(Echo.type, { text: 'a' }))).resolves.toMatchObject({ text: 'a' });
    await expect(lastValueFrom(client.send(Nobody.type, { text: 'a' }))).rejects.toMatchObject({
      name: 'QueryUnanswered',
    });
    await expect(lastValueFrom(client.emit(Echo.type, {}))).rejects.toThrow('outbox');
  });
});
