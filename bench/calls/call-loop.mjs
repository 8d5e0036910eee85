/** What is asked: 232 bytes of JSON, the same for everybody. */
export const question = {
  orderId: '0198c5f2-7d3a-7b52-9a52-0e6f4c1d2b3a',
  reason: 'A label is printed for this parcel; the carrier wants to know where it goes before the van leaves',
  carrier: 'parcelwise',
  pieces: 3,
  grams: 1_250,
  insured: true,
};

export const reply = {
  name: 'Ada Lovelace',
  street: '12 Square',
  city: 'London',
  postalCode: 'SW1Y 4JH',
  country: 'GB',
};

const BATCH = 500;

/** One caller, one call after another; the clock is looked at between batches only. */
export async function callLoop({ ms, call }) {
  const cpu = process.cpuUsage();
  const started = performance.now();
  let ops = 0;
  let now = started;
  while (now < started + ms) {
    for (let turn = 0; turn < BATCH; turn++) {
      const answer = await call(question);
      if (answer.country !== 'GB') throw new Error(`A wrong answer: ${JSON.stringify(answer)}`);
    }
    ops += BATCH;
    now = performance.now();
  }
  const { user, system } = process.cpuUsage(cpu);
  return { ops, seconds: (now - started) / 1_000, clientCpuUs: user + system };
}
