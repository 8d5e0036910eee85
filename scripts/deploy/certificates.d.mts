import type { LocalAuthority } from '@holdfast/security';

export interface CertificateHolder {
  /** Its folder below `tls`, and the end of its Secret's name. */
  name: string;
  /** The last part of its SPIFFE id. */
  identity: string;
  /** What it is called by. */
  services: string[];
}

export function certificateHolders(processes: { name: string; app: string; contexts: string[] }[]): CertificateHolder[];
export function makeCertificates(options: {
  folder: string;
  holders: CertificateHolder[];
  LocalAuthority: Pick<typeof LocalAuthority, 'in'>;
  cluster: { namespace: string; clusterDomain: string };
  now?: number;
}): Promise<string[]>;
