export interface ProcessDeclaration {
  name: string;
  app?: string;
  contexts?: string[];
  replicas: number;
}

export interface TopologyDeclaration {
  name: string;
  processes: ProcessDeclaration[];
}

export class TopologyFaults extends Error {
  constructor(file: string, faults: string[]);
  readonly faults: string[];
}

export function readTopology(file: string): TopologyDeclaration;
export function parseTopology(text: string, file?: string): TopologyDeclaration;
