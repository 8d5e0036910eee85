import { accessRuleOf, type AccessRule } from '@holdfast/security';
import type { INestApplicationContext, Type } from '@nestjs/common';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';

/** Access rule by operation id. */
export type Routes = Map<string, AccessRule | undefined>;

/** @throws Error when two controllers share a name: their operations could not be told apart */
export function routesOf(app: INestApplicationContext): Routes {
  const routes: Routes = new Map();
  const owners = new Map<string, Type>();
  const scanner = new MetadataScanner();
  for (const module of app.get(ModulesContainer).values()) {
    for (const { metatype } of module.controllers.values()) {
      const controller = metatype as Type;
      const owner = owners.get(controller.name);
      if (owner && owner !== controller) throw new Error(`Two controllers are named ${controller.name}`);
      owners.set(controller.name, controller);
      for (const method of scanner.getAllMethodNames(controller.prototype as object)) {
        const handler = (controller.prototype as Record<string, Function>)[method];
        if (handler) routes.set(`${controller.name}_${method}`, accessRuleOf(handler, controller));
      }
    }
  }
  return routes;
}
