import { ROOT_CONTEXT, type Context, type ContextManager } from '@opentelemetry/api';
import { scopes, type Scope } from '../async-scope.js';

/**
 * Carries the current OpenTelemetry context through promises, timers and callbacks. The SDK 3.x ships only a
 * synchronous one; this is all of `@opentelemetry/context-async-hooks` that own spans need.
 */
export class AsyncContext implements ContextManager {
  active(): Context {
    return scopes.getStore()?.trace ?? ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return scopes.run(scopeOf(context), () => fn.apply(thisArg, args));
  }

  bind<T>(context: Context, target: T): T {
    if (typeof target !== 'function') return target;
    return function (this: unknown, ...args: unknown[]) {
      return scopes.run(scopeOf(context), () => target.apply(this, args));
    } as T;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    return this;
  }
}

function scopeOf(trace: Context): Scope {
  return { trace, correlation: scopes.getStore()?.correlation };
}
