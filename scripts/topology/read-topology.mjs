// A topology file says which process runs which contexts (README, As many processes). Here it becomes a checked value; whether its
// processes fit together is for check-topology.mjs.
import fs from 'node:fs';
import path from 'node:path';
import { load } from 'js-yaml';

const NAME = /^[a-z][a-z0-9-]{0,39}$/;

export class TopologyFaults extends Error {
  constructor(file, faults) {
    super(`${file} cannot be run:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'TopologyFaults';
    this.faults = faults;
  }
}

/**
 * @param {string} file
 * @returns {{ name: string, processes: { name: string, app?: string, contexts?: string[], replicas: number }[] }}
 * @throws {TopologyFaults} naming everything about its form that is wrong
 */
export function readTopology(file) {
  let text;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new TopologyFaults(file, [`it cannot be read (${error.message}). Topologies are in topology/*.yaml`]);
  }
  return parseTopology(text, file);
}

/** @param {string} text YAML @param {string} [file] for messages */
export function parseTopology(text, file = 'the topology') {
  let parsed;
  try {
    parsed = load(text);
  } catch (error) {
    throw new TopologyFaults(file, [`it is no YAML: ${error.message.split('\n')[0]}`]);
  }
  if (!isMap(parsed)) throw new TopologyFaults(file, ['it must be a map with `name` and `processes`']);
  const faults = formFaults(parsed);
  if (faults.length > 0) throw new TopologyFaults(file, faults);
  const name = parsed.name ?? path.basename(file).replace(/\.ya?ml$/, '');
  return { name, processes: parsed.processes.map((one) => ({ replicas: 1, ...one })) };
}

function formFaults({ name, processes, ...rest }) {
  const faults = unknownKeys('the file', rest);
  if (name !== undefined && !NAME.test(name)) faults.push(`name: ${JSON.stringify(name)} is not a lower-case name`);
  if (!Array.isArray(processes) || processes.length === 0) return [...faults, 'processes: a list of at least one'];
  return [...faults, ...processes.flatMap((one, index) => processFaults(one, index))];
}

function processFaults(process, index) {
  if (!isMap(process)) return [`processes[${index}] must be a map such as { name: orders, contexts: [orders] }`];
  const { name, app, contexts, replicas, ...rest } = process;
  const where = typeof name === 'string' ? name : `processes[${index}]`;
  const faults = unknownKeys(where, rest);
  if (typeof name !== 'string' || !NAME.test(name)) faults.push(`${where}: name must be lower-case words with dashes`);
  if (app !== undefined && typeof app !== 'string') faults.push(`${where}: app must be a name`);
  if (contexts !== undefined && !(Array.isArray(contexts) && contexts.every((one) => typeof one === 'string')))
    faults.push(`${where}: contexts must be a list of names`);
  if (replicas !== undefined && !(Number.isInteger(replicas) && replicas >= 1))
    faults.push(`${where}: replicas is ${JSON.stringify(replicas)}, and must be a whole number of at least 1`);
  return faults;
}

const unknownKeys = (where, rest) => Object.keys(rest).map((key) => `${where}: nobody knows what "${key}" means`);

const isMap = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
