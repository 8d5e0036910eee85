export { ConfigurationError, type ConfigurationFault } from './configuration-error.js';
export { ConfigurationModule } from './configuration.module.js';
export { defineConfig } from './define-config.js';
export { variableName, type ConfigDefinition, type ConfigOf, type ValuesOf } from './definition.js';
export { describeConfig, envExample, type ConfigDescription } from './describe-config.js';
export { withDotEnv, type Environment } from './environment.js';
export { LoadedConfig, loadConfig } from './load-config.js';
export { secret, setting, type Secret, type SecretOptions, type Setting } from './setting.js';
