export function freePort(taken?: ReadonlySet<number>): Promise<number>;
export function isPortFree(port: number): Promise<boolean>;
export function accepts(port: number): Promise<boolean>;
