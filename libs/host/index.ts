export { boot } from './boot/boot.js';
export { printConfiguration } from './boot/print-configuration.js';
export { seedDatabase } from './boot/seed-database.js';
export { startRepl } from './boot/start-repl.js';
export { assertEdges, UnroutableEdges } from './context/check-edges.js';
export {
  defineContext,
  type Context,
  type ContextDeclaration,
  type Seed,
  type StartNotice,
} from './context/context.js';
export { manifestOf, type Manifest } from './context/manifest.js';
export { bootGateway } from './gateway/boot-gateway.js';
export { routesOfControllers, type ContextRoute } from './gateway/context-routes.js';
export { documentOf } from './gateway/whole-shop.js';
export { defineCursor, isInstant, isUuid } from './http/input/cursor.js';
export { ListField, NestedField, type ListFieldOptions } from './http/input/nested-fields.js';
export { BooleanField, MoneyAmountField, WholeNumberField } from './http/input/number-fields.js';
export { CursorField, LimitField, PageQuery } from './http/input/page-query.js';
export { SkuParam, UuidParam } from './http/input/params.js';
export {
  CurrencyField,
  EmailField,
  EnumField,
  SecretField,
  SkuField,
  TextField,
  UuidField,
} from './http/input/text-fields.js';
export { KeepRawBody } from './http/json/raw-body.js';
export { Idempotent, NotIdempotent, type IdempotentOptions } from './http/once/idempotent.js';
export { Created } from './http/once/location.js';
export { EdgeTokens, type EdgeTokensOptions } from './identity/edge-tokens.js';
export { tokenConfig } from './identity/identity.config.js';
export type { TokenFacts, TokenFeed } from './identity/token-feed.js';
export { rule } from './http/input/rule.js';
export { defineProblemType } from './http/problem/problem-types.js';
export { ProblemException, type ProblemDetails } from './http/problem/problem.exception.js';
export {
  badRequest,
  conflict,
  deadlineExceeded,
  forbidden,
  notFound,
  unauthorized,
  unavailable,
  unprocessable,
} from './http/problem/problems.js';
