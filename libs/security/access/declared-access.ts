import { Injectable } from '@nestjs/common';
import type { OnModuleInit, Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { accessRuleOf } from './access-rule.js';

/** Nest's own metadata key of a route: every HTTP method decorator sets it. */
const routePath = 'path';

/** Routes exist that nobody has decided about. */
export class UndeclaredAccessError extends Error {
  override readonly name = 'UndeclaredAccessError';
  constructor(
    /** `Controller.method` of each offender. */
    readonly routes: readonly string[],
  ) {
    super(`Routes without @Open(), @SignedIn() or @Roles(): ${routes.join(', ')}`);
  }
}

/**
 * The routes of these controllers that carry no access rule, neither on the method nor on the class.
 *
 * @returns `Controller.method`, sorted.
 * @example expect(routesWithoutAccess([OrdersController])).toEqual([]);
 */
export function routesWithoutAccess(controllers: readonly Type[]): string[] {
  const scanner = new MetadataScanner();
  return controllers
    .flatMap((controller) =>
      scanner
        .getAllMethodNames(controller.prototype as object)
        .map((name) => ({ name, handler: controller.prototype[name] as object }))
        .filter(({ handler }) => Reflect.hasMetadata(routePath, handler) && !accessRuleOf(handler, controller))
        .map(({ name }) => `${controller.name}.${name}`),
    )
    .sort();
}

/**
 * Refuses an application with a route nobody has decided about, while the modules start: an offender stops the boot before
 * a port is open.
 */
@Injectable()
export class DeclaredAccess implements OnModuleInit {
  constructor(private readonly discovery: DiscoveryService) {}

  /** @throws UndeclaredAccessError naming every offender */
  onModuleInit(): void {
    const controllers = this.discovery.getControllers().map(({ metatype }) => metatype as Type);
    const routes = routesWithoutAccess([...new Set(controllers)]);
    if (routes.length > 0) throw new UndeclaredAccessError(routes);
  }
}
