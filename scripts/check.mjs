// npm run check: types, lint, format and walls, side by side. Output is shown only for what failed.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const bin = (name) => path.join(root, 'node_modules', '.bin', name);
const cache = path.join(root, 'node_modules', '.cache', 'holdfast');
fs.mkdirSync(cache, { recursive: true });

const steps = [
  [
    'types',
    process.execPath,
    path.join(root, 'node_modules/typescript-native/bin/tsc'), // ADR 22
    '--noEmit',
    '--pretty',
    '--singleThreaded', // half the work, and the other cores have others
    '--incremental',
    '--tsBuildInfoFile',
    path.join(cache, 'types.tsbuildinfo'),
  ],
  ['walls', process.execPath, 'scripts/walls.mjs'],
  ['lint', bin('oxlint')],
  ['format', bin('oxfmt'), '--check'],
];

function run([name, command, ...args]) {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, shell: process.platform === 'win32' });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', (error) => (output += error.message));
    child.on('close', (code) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`  ${code === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(7)} ${seconds} s`);
      resolve({ name, code, output });
    });
  });
}

const failed = (await Promise.all(steps.map(run))).filter(({ code }) => code !== 0);
for (const { name, output } of failed) console.log(`\n--- ${name} ---\n${output.trim()}`);
if (failed.length > 0) {
  console.log(`\nFailed: ${failed.map(({ name }) => name).join(', ')}. Format is mended by: npm run format`);
  process.exit(1);
}
