import type { AnyContract } from '@holdfast/messaging';
import type { Context } from '../context/context.js';

/**
 * Which context sends what to whom, from the contracts themselves.
 *
 * @see https://www.asyncapi.com/docs/reference/specification/v3.0.0
 */
export function asyncApi(contexts: readonly Context[]): object {
  const contracts = byType(contexts.flatMap(({ emits, sends }) => [...emits, ...sends]));
  return {
    asyncapi: '3.0.0',
    info: { title: 'Holdfast messages', version: '1.0.0', description: 'CloudEvents 1.0 in structured JSON.' },
    defaultContentType: 'application/cloudevents+json',
    channels: mapped(contracts, (contract) => ({
      ...addressOf(contract),
      messages: { [contract.type]: { $ref: `#/components/messages/${contract.type}` } },
    })),
    operations: Object.fromEntries(contexts.flatMap((context) => operationsOf(context))),
    components: {
      messages: mapped(contracts, ({ type, key }) => ({
        name: type,
        payload: { $ref: `#/components/schemas/${type}` },
        'x-ordering-key': key,
      })),
      schemas: mapped(contracts, ({ schema }) => schema as object),
    },
  };
}

/** The subject on the wire: `evt.orders.order-placed.v1`, and of a command also whose it is: `cmd.checkout.inventory.reserve-stock.v1`. */
function addressOf({ kind, type }: AnyContract): object {
  if (kind === 'event') return { address: `evt.${type}` };
  return {
    address: `cmd.{emitter}.${type}`,
    parameters: { emitter: { description: 'The context that sends the command.' } },
  };
}

function operationsOf({ name, emits, sends, handles }: Context): [string, object][] {
  const channel = ({ type }: AnyContract) => ({ channel: { $ref: `#/channels/${type}` } });
  return [
    ...[...emits, ...sends].map((contract): [string, object] => [
      `${name} sends ${contract.type}`,
      { action: 'send', ...channel(contract) },
    ]),
    ...handles.map(({ contract }): [string, object] => [
      `${name} receives ${contract.type}`,
      { action: 'receive', ...channel(contract) },
    ]),
  ];
}

function byType(contracts: readonly AnyContract[]): AnyContract[] {
  const found = new Map(contracts.map((contract) => [contract.type, contract]));
  return [...found.values()].sort((a, b) => (a.type < b.type ? -1 : 1));
}

function mapped(contracts: readonly AnyContract[], make: (contract: AnyContract) => object): Record<string, object> {
  return Object.fromEntries(contracts.map((contract) => [contract.type, make(contract)]));
}
