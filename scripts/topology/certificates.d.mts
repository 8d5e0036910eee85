export interface CertificatePaths {
  certFile: string;
  keyFile: string;
  caFile: string;
}

export interface RunningCertificates {
  readonly caFile: string;
  pathsOf(name: string): CertificatePaths;
  /** New certificates for everybody, now. */
  renew(): Promise<void>;
  stop(): Promise<void>;
}

export function startCertificates(options: {
  dataDir: string;
  names: string[];
  log?: (text: string) => void;
  renewed?: () => void;
}): Promise<RunningCertificates>;
export function tlsSettings(paths: CertificatePaths): Record<string, string>;
