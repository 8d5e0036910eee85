import { eventsOf, timerContract } from '@holdfast/data-consistency';
import type { Context } from './context.js';

/** Composition faults of a list of contexts. */
export class UnroutableEdges extends Error {
  override readonly name = 'UnroutableEdges';

  constructor(readonly faults: readonly string[]) {
    super(`These contexts do not fit together:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  }
}

interface EdgeOptions {
  /** Other processes can be reached: an edge to a context that is not mounted here is theirs to check. */
  elsewhere?: boolean;
}

/**
 * The boot check: every event read has an emitter, every command sent has exactly one handler, every query asked exactly
 * one answerer.
 *
 * @throws UnroutableEdges naming each edge that leads nowhere
 */
export function assertEdges(contexts: readonly Context[], { elsewhere = false }: EdgeOptions = {}): void {
  const here = new Set(contexts.map(({ name }) => name));
  const leaves: Leaves = ({ context }) => elsewhere && !here.has(context);
  const faults = [...unemitted(contexts, leaves), ...unhandled(contexts, leaves), ...unanswered(contexts, leaves)];
  if (faults.length > 0) throw new UnroutableEdges(faults);
}

/** Whether an edge to the owner of this contract leaves the process. */
type Leaves = (contract: { context: string }) => boolean;

function unemitted(contexts: readonly Context[], leaves: Leaves): string[] {
  const emitted = new Set(contexts.flatMap(({ emits }) => emits.map(({ type }) => type)));
  return contexts.flatMap(({ name, handles, sagas }) => {
    const read = [...handles.map(({ contract }) => contract), ...sagas.flatMap((saga) => eventsOf(saga))];
    return [...new Set(read)]
      .filter((contract) => contract.kind === 'event' && !emitted.has(contract.type) && !leaves(contract))
      .map(({ type, context }) => `${name} reads ${type}, which nobody here emits: mount ${context} too`);
  });
}

function unhandled(contexts: readonly Context[], leaves: Leaves): string[] {
  const sent = new Map(
    contexts.flatMap(({ name, sends }) => sends.map((command) => [command.type, { name, command }])),
  );
  return [...sent.values()].flatMap(({ name, command }) => {
    const handlers = contexts.flatMap((context) =>
      context.handles.filter(({ contract }) => contract.type === command.type).map(({ provider }) => provider.name),
    );
    if (handlers.length === 1 || leaves(command)) return [];
    const found =
      handlers.length === 0
        ? `nobody here handles: mount ${command.context} too`
        : `${handlers.join(' and ')} both handle`;
    return [`${name} sends ${command.type}, which ${found}`];
  });
}

function unanswered(contexts: readonly Context[], leaves: Leaves): string[] {
  return contexts.flatMap(({ name, asks }) =>
    asks.flatMap((query) => {
      const answerers = contexts.flatMap(({ answers }) => answers.filter((answer) => answer.query.type === query.type));
      if (answerers.length === 1 || leaves(query)) return [];
      return [
        `${name} asks ${query.type}, which ${answerers.length || 'nobody'} here answers: mount ${query.context} once`,
      ];
    }),
  );
}

/** The contracts of a context's own timers, for documents. */
export function timersOf({ name, sagas }: Context): ReturnType<typeof timerContract>[] {
  return [...new Set(sagas.map((saga) => saga.name))].map((saga) => timerContract(name, saga));
}
