export function installPackage(name: string, log?: (text: string) => void): void;
