/** The nats-server of this machine; on Debian as root it is installed when it is missing. @throws {Error} saying what to install */
export function findNats(log?: (text: string) => void): string;
