import type { Outgoing } from '@holdfast/messaging';
import { advance, begin, type Advance, type SagaInput, type SagaInstance } from './advance.js';
import type { Saga } from './define-saga.js';

/** What has moved an instance so far, oldest first. The first one started it. */
export interface RecordedInput {
  /** Undefined: an operator resumed it. */
  messageId?: string;
  input: SagaInput;
}

/** What to fork, from which step on, and on which definition. */
export interface ForkRequest {
  /** The definition that the instance has run on. */
  original: Saga<unknown>;
  /** The definition that takes over at the step. May be the original. */
  onto: Saga<unknown>;
  /** Name of the step, in the definition that takes over. */
  step: string;
  inputs: readonly RecordedInput[];
}

/** A message that a fork would have sent, and what it would have answered to. */
export interface ForkedMessage {
  kind: 'command' | 'event';
  type: string;
  data: unknown;
  causedBy?: string;
}

/** What the fork did, in memory alone: nothing of it was sent or stored. */
export interface Fork {
  step: string;
  version: number;
  /** What would have been sent from the step on; nothing was. */
  messages: ForkedMessage[];
  instance: SagaInstance;
  /** Recorded inputs after the step that changed nothing in the fork, by message id. */
  ignored: string[];
}

/** The instance has never come to this step, or the definition has no such step. */
export class NoSuchStep extends Error {
  override readonly name = 'NoSuchStep';
}

/**
 * Replays an instance: on its own definition up to a step, and from there on another one (or the same), with everything it
 * would send collected instead of sent. Pure: nothing is read, written or told.
 *
 * @throws NoSuchStep when the instance never came to the step, or the definition has none of this name
 * @example
 * fork({ original: transferV1, onto: transferV2, step: 'debit', inputs }).messages // what version 2 would have asked for
 */
export function fork({ original, onto, step, inputs }: ForkRequest): Fork {
  const index = onto.steps.findIndex(({ name }) => name === step);
  if (index < 0) throw new NoSuchStep(`Saga ${onto.name} version ${onto.version} has no step "${step}"`);
  const { arrived, rest } = upTo(step, original, inputs);
  const messages: ForkedMessage[] = [];
  const ignored: string[] = [];
  const collect = (next: readonly Outgoing[], causedBy?: string) => {
    for (const { contract, data } of next) {
      messages.push({ kind: contract.kind, type: contract.type, data, ...(causedBy !== undefined && { causedBy }) });
    }
  };
  let instance: SagaInstance = { ...arrived.instance, step: index };
  collect([onto.steps[index]!.do(instance.state)], arrived.messageId);
  for (const { input, messageId } of rest) {
    const next = advance(onto, instance, translated(input, { original, onto }));
    if (next) {
      instance = next.instance;
      collect(next.send, messageId);
    } else if (messageId !== undefined) ignored.push(messageId);
  }
  return { step, version: onto.version, messages, instance, ignored };
}

interface Arrival {
  arrived: { instance: SagaInstance; messageId?: string };
  rest: readonly RecordedInput[];
}

/** The instance when it came to the step for the first time, and what happened afterwards. */
function upTo(step: string, original: Saga<unknown>, inputs: readonly RecordedInput[]): Arrival {
  let next: Advance<unknown> | undefined;
  for (const [at, { input, messageId }] of inputs.entries()) {
    next = next ? (advance(original, next.instance, input) ?? next) : begin(original, dataOf(input));
    const { instance } = next;
    if (instance.status === 'running' && original.steps[instance.step]?.name === step) {
      return { arrived: { instance, messageId }, rest: inputs.slice(at + 1) };
    }
  }
  throw new NoSuchStep(`The instance has never come to a step "${step}"`);
}

/** A timer names its step by place, and the other definition may have the step elsewhere. */
function translated(input: SagaInput, { original, onto }: Pick<ForkRequest, 'original' | 'onto'>): SagaInput {
  if (input.kind !== 'timeout') return input;
  const name = original.steps[input.step]?.name;
  return { ...input, step: onto.steps.findIndex((candidate) => candidate.name === name) };
}

function dataOf(input: SagaInput): unknown {
  return input.kind === 'event' ? input.data : undefined;
}
