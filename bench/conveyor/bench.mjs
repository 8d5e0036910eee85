// The whole way of a message between two processes: unit of work, outbox, relay, NATS, inbox, handler.
import { median, percentile, spread } from '../harness/statistics.mjs';

const PER_SECOND = 200;

export async function run(arena) {
  const server = await arena.disk();
  const broker = await arena.broker();
  const { url } = broker;
  const place = async (name) => ({ adminUrl: await server.freshDatabase(`bench_conveyor_${name}`), url });
  const reader = await arena.enter({ module: 'conveyor/reader.mjs', settings: await place('archive') });
  const writer = await arena.enter({ module: 'conveyor/writer.mjs', settings: await place('desk') });
  const letters = arena.quick ? 2_000 : 10_000;
  let readerCpu = 0;
  let written = 0;

  const window = async (load) => {
    const database = server.read();
    const nats = broker.cpuUs();
    const began = performance.timeOrigin + performance.now();
    const sent = await writer.call('window', load);
    const { took, cpuUs, lastAt } = await reader.call('arrived', { expected: sent.written });
    const ops = sent.written - written;
    written = sent.written;
    const clientCpuUs = sent.clientCpuUs + cpuUs - readerCpu;
    readerCpu = cpuUs;
    return {
      ops,
      seconds: (lastAt - began) / 1_000,
      clientCpuUs,
      postgresCpuUs: server.since(database),
      natsCpuUs: broker.cpuUs() - nats,
      p50Ms: median(took),
      p99Ms: percentile(took, 0.99),
    };
  };
  const warm = async () => (await window({ letters: letters / 5 })) && {};
  const steady = (ms) => window({ ms: Math.max(ms, 2_000), perSecond: PER_SECOND });
  const entries = [
    { key: 'steady', warmUp: warm, window: steady },
    { key: 'flood', warmUp: warm, window: () => window({ letters }) },
  ];
  const { samples } = await arena.rounds('conveyor', entries, arena.quick ? {} : { rounds: 7, attempts: 10 });
  await arena.verify('writer', writer);
  await arena.verify('reader', reader, { expected: written });

  const info = (what, unit, values) => arena.info({ id: 'C', what, unit, reached: spread(values) });
  const each = (key, figure) => samples[key].map(figure);
  const way = 'outbox → NATS → inbox → handler';
  info(
    `${way}, messages/s, written meanwhile`,
    '/s',
    each('flood', ({ ops, seconds }) => ops / seconds),
  );
  info(
    `${way} at ${PER_SECOND}/s, from the start of the write, p50`,
    ' ms',
    each('steady', ({ p50Ms }) => p50Ms),
  );
  info(
    `${way} at ${PER_SECOND}/s, p99`,
    ' ms',
    each('steady', ({ p99Ms }) => p99Ms),
  );
  info(
    'its CPU per message: both processes',
    ' µs',
    each('flood', ({ clientCpuUs, ops }) => clientCpuUs / ops),
  );
  info(
    'its CPU per message: PostgreSQL',
    ' µs',
    each('flood', ({ postgresCpuUs, ops }) => postgresCpuUs / ops),
  );
  info(
    'its CPU per message: nats-server',
    ' µs',
    each('flood', ({ natsCpuUs, ops }) => natsCpuUs / ops),
  );
}
