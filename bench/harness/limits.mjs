import { median } from './statistics.mjs';

const BUSY = 0.85;

/** What a contestant was waiting for, from how busy its process and PostgreSQL were: the thing to make cheaper next. */
export function limitOf(windows) {
  const of = (figure) => median(windows.map(figure));
  const client = of(({ clientCpuUs = 0, ops }) => clientCpuUs / ops);
  const postgres = of(({ postgresCpuUs = 0, ops }) => postgresCpuUs / ops);
  const clientBusy = of(({ clientCpuUs = 0, seconds }) => clientCpuUs / seconds / 1e6);
  const postgresBusy = of(({ postgresCpuUs = 0, seconds }) => postgresCpuUs / seconds / 1e6);
  const spent = `per operation: client ${us(client)}${postgres > 0 ? `, PostgreSQL ${us(postgres)}` : ''}`;
  if (postgresBusy >= BUSY && postgresBusy >= clientBusy)
    return `PostgreSQL's CPU is the limit (${percent(postgresBusy)} busy); ${spent}`;
  if (clientBusy >= BUSY) return `the client's CPU is the limit (${percent(clientBusy)} busy); ${spent}`;
  return `waiting (client ${percent(clientBusy)}, PostgreSQL ${percent(postgresBusy)} busy): round trips and disk; ${spent}`;
}

const us = (value) => (value < 1 ? `${Math.round(value * 1_000)} ns` : `${value.toFixed(1)} µs`);
const percent = (share) => `${Math.round(share * 100)} %`;
