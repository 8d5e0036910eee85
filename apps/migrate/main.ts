import { runMigrations } from './run-migrations.js';

// The contexts named on the command line, or all that have a folder of migrations.
await runMigrations(process.argv.slice(2).filter((argument) => !argument.startsWith('-')));
