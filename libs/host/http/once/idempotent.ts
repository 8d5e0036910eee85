import { RequestMethod, SetMetadata, applyDecorators } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { ApiHeader } from '@nestjs/swagger';
import type { Route } from './request-step.js';

export interface IdempotentOptions {
  /** Refuse a request without a key: for routes that move money. Default false. */
  required?: boolean;
  /** Hours a result can be replayed; default 24. */
  keepForHours?: number;
}

const IDEMPOTENT = 'holdfast:idempotent';
const NOT_IDEMPOTENT = 'holdfast:not-idempotent';

/**
 * The route has its effect once per `Idempotency-Key`, however often it is sent: a repetition gets the recorded answer
 * (`Idempotency-Replayed: true`), another body under the same key 422, a request still at work 409.
 * The answer's body must be what the handler's unit of work returned: that is what is recorded.
 *
 * @example
 * @Post() @Idempotent({ required: true, keepForHours: 720 })
 * place(@Body() input: PlaceOrderInput, @Caller() by: Principal) { return this.commands.execute(new PlaceOrder(input, by)); }
 */
export function Idempotent({ required = false, keepForHours = 24 }: IdempotentOptions = {}): MethodDecorator {
  return applyDecorators(
    SetMetadata(IDEMPOTENT, { required, keepForHours }),
    ApiHeader({
      name: 'Idempotency-Key',
      required,
      description: 'Any text of your own, new for every new request: the same key never has its effect twice.',
      schema: { type: 'string', minLength: 1, maxLength: 255, example: 'order-2026-11-20-0001' },
    }),
  );
}

/**
 * The route changes something and takes no `Idempotency-Key`: its answer must not be kept, or a repetition does no harm.
 *
 * @param why for whoever reads the controller
 * @example @Post('login') @NotIdempotent('a record would keep the tokens') logIn(@Body() input: LoginBody) { … }
 */
export const NotIdempotent = (why: string): MethodDecorator => SetMetadata(NOT_IDEMPOTENT, why);

const SAFE: readonly RequestMethod[] = [RequestMethod.GET, RequestMethod.HEAD, RequestMethod.OPTIONS];

/**
 * What a route does with keys; undefined when it takes none.
 *
 * @throws Error when it changes something and says neither `@Idempotent()` nor `@NotIdempotent()`: the process does not start
 */
export function idempotenceOf({ controller, name, handler }: Route): Required<IdempotentOptions> | undefined {
  const options = Reflect.getMetadata(IDEMPOTENT, handler) as Required<IdempotentOptions> | undefined;
  if (options || Reflect.hasMetadata(NOT_IDEMPOTENT, handler)) return options;
  if (SAFE.includes(Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod)) return undefined;
  throw new Error(`${controller.name}.${name} changes something: declare @Idempotent() or @NotIdempotent('why not')`);
}
