export {
  contextDatabaseConfig,
  databaseConfig,
  databaseSettings,
  NoDatabase,
  type DatabaseSettings,
} from './database.config.js';
export { migrate, type MigrateOptions, type MigrationPlan } from './migrate.js';
export { roleName, roleUrl, schemaName, type RoleKind } from './role-url.js';
