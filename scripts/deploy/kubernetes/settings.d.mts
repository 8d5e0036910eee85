/** Where a process finds its certificate, here and in the compose file. */
export const tlsFiles: { certFile: string; keyFile: string; caFile: string };
export const settings: { namespace: string; clusterDomain: string };
export function tlsMode(text?: string): 'own' | 'external';
