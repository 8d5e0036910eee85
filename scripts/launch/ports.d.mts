export function freePort(taken?: ReadonlySet<number>): Promise<number>;
export function isPortFree(port: number): Promise<boolean>;
export function originAt(host: string | undefined, port: number): string;
export function accepts(port: number): Promise<boolean>;
