// Three projects by what a test may touch: unit (no server), int (a real PostgreSQL or NATS),
// e2e (the shop's processes over HTTP). Native ES modules: run with node --experimental-vm-modules, as the npm scripts do.
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { build, swcOptions } from './scripts/build.mjs';

await build(); // tests import the bundled packages, and start processes

const { paths } = JSON.parse(readFileSync(new URL('tsconfig.json', import.meta.url), 'utf8')).compilerOptions;
const aliases = Object.entries(paths).map(([alias, [file]]) => [`^${alias}$`, file.replace('./', '<rootDir>/')]);

const project = (displayName, suffix, roots) => ({
  displayName,
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  roots: roots.map((root) => `<rootDir>/${root}`),
  testRegex: `\\.${suffix}\\.ts$`,
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/architecture/fixtures/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/test/architecture/fixtures/'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  moduleNameMapper: Object.fromEntries(aliases),
  resolver: '<rootDir>/test/support/jest/resolver.cjs',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': ['@swc/jest', { ...swcOptions, module: { type: 'es6' } }] },
  setupFiles: ['reflect-metadata'],
});

const withPostgres = {
  globalSetup: '<rootDir>/test/support/jest/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/jest/global-teardown.mjs',
  setupFilesAfterEnv: ['<rootDir>/test/support/jest/second-chance.mjs'],
};

// Tests of processes wait more than they work: two files more than there are cores. Faults in full are measured, and get room.
const atOnce = { maxWorkers: Math.min(os.availableParallelism() + 2, 6), workerIdleMemoryLimit: '1GB' };

export default {
  ...(process.env.FAULTS !== 'full' && atOnce),
  testSequencer: '<rootDir>/test/support/jest/sequencer.mjs',
  projects: [
    project('unit', 'spec', ['apps', 'libs', 'test']),
    { ...project('int', 'int-spec', ['apps', 'libs', 'test']), ...withPostgres },
    { ...project('e2e', 'e2e-spec', ['test']), ...withPostgres },
  ],
  testTimeout: 60_000,
  forceExit: true, // a handle that a test leaves open must not keep the others from their verdict

  reporters: [
    'default',
    '<rootDir>/test/support/jest/totals-reporter.mjs',
    '<rootDir>/test/support/jest/patience-reporter.mjs',
  ],
  coverageProvider: 'v8',
  collectCoverageFrom: ['{apps,libs}/**/*.ts', '!**/*spec.ts'],
};
