import { inboxOf } from '@holdfast/messaging';
import type { Manifest } from '../../scripts/topology/check-topology.mjs';

export const ownerOf = (type: string): string => type.slice(0, type.indexOf('.'));

/** Whom a context commands, itself included. */
export const commandedBy = ({ sends, timers }: Manifest): string[] => [...new Set([...sends, ...timers].map(ownerOf))];

/** Whose streams hold something for a context. */
export function sourcesOf(reader: Manifest, manifests: readonly Manifest[]): string[] {
  const said = new Set(reader.reads.map(ownerOf));
  return manifests
    .filter((one) => said.has(one.name) || commandedBy(one).includes(reader.name))
    .map(({ name }) => name);
}

/** Everything that is another's, and the power over everything. */
export function foreignSubjects(
  user: string,
  manifests: readonly Manifest[],
): { publish: string[]; subscribe: string[] } {
  const contexts = manifests.map(({ name }) => name);
  const me = manifests.find(({ name }) => name === user);
  const mine = me ? sourcesOf(me, manifests) : [];
  const others = contexts.filter((name) => name !== user);
  const perOther = others.flatMap((other) => [
    `evt.${other}.anything.v1`,
    `cmd.${other}.${user}.anything.v1`,
    `cmd.${other}.payments.authorise-payment.v1`,
    `$KV.registry.${other}.1`,
    ...['CREATE', 'UPDATE', 'MSG.GET'].map((act) => `$JS.API.STREAM.${act}.HOLDFAST_${other}`),
    ...(mine.includes(other) ? [] : [`$JS.API.STREAM.INFO.HOLDFAST_${other}`]),
  ]);
  const perStream = contexts.flatMap((stream) => [
    ...['DELETE', 'PURGE', 'MSG.DELETE', 'SNAPSHOT', 'RESTORE', 'LEADER.STEPDOWN'].map(
      (act) => `$JS.API.STREAM.${act}.HOLDFAST_${stream}`,
    ),
    `$JS.API.CONSUMER.CREATE.HOLDFAST_${stream}`,
    `$JS.API.CONSUMER.LIST.HOLDFAST_${stream}`,
    `$JS.API.CONSUMER.NAMES.HOLDFAST_${stream}`,
    `$JS.API.DIRECT.GET.HOLDFAST_${stream}`,
    `$JS.API.CONSUMER.DURABLE.CREATE.HOLDFAST_${stream}.${user}`,
    ...[...others, ...(mine.includes(stream) ? [] : [user])].flatMap((durable) => [
      ...['CREATE', 'INFO', 'DELETE', 'MSG.NEXT'].map((act) => `$JS.API.CONSUMER.${act}.HOLDFAST_${stream}.${durable}`),
      `$JS.ACK.HOLDFAST_${stream}.${durable}.1.1.1.1700000000000000000.0`,
    ]),
  ]);
  const asks = new Set(me?.asks ?? []);
  const queries = manifests.flatMap(({ answers }) => answers);
  return {
    publish: [
      ...perOther,
      ...perStream,
      ...queries.filter((type) => !asks.has(type)).map((type) => `qry.${type}`),
      ...others.map((other) => `${inboxOf([other])}.forged.1`),
      `cmd.${user}.nobody.anything.v1`,
      '$JS.API.INFO',
      '$JS.API.STREAM.LIST',
      '$JS.API.STREAM.CREATE.anything',
      '$JS.API.STREAM.DELETE.KV_registry',
      '$JS.API.STREAM.PURGE.KV_registry',
      '$JS.API.ACCOUNT.PURGE.$G',
      '$JS.API.META.LEADER.STEPDOWN',
      '$JS.API.SERVER.REMOVE',
      '$SYS.REQ.SERVER.PING',
      '$SYS.REQ.ACCOUNT.PING.CONNZ',
      'anything',
    ],
    subscribe: [
      '>',
      '*',
      'evt.>',
      'cmd.>',
      'qry.>',
      '_INBOX.>',
      '_INBOX_*.>',
      '$JS.>',
      '$JS.API.>',
      '$KV.>',
      '$SYS.>',
      '*.*.>',

      ...others.flatMap((other) => [`evt.${other}.>`, `cmd.${other}.>`, `${inboxOf([other])}.>`, `qry.${other}.>`]),
      ...(user === 'gateway' ? [] : [`${inboxOf(['gateway'])}.>`]),
    ],
  };
}
