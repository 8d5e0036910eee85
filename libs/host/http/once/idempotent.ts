import { SetMetadata } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { applyDecorators } from '@nestjs/common';

export interface IdempotentOptions {
  /** Refuse a request without a key: for routes that move money. Default false. */
  required?: boolean;
  /** Hours a result can be replayed; default 24. */
  keepForHours?: number;
}

export const IDEMPOTENT = 'holdfast:idempotent';

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
