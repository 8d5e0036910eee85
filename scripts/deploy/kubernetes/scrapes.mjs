// What a Prometheus in the cluster is to scrape: every pod of the plan, each by the name that its certificate has.
import { labelsOf, settings } from './settings.mjs';

/** @returns {object} for `scrape_config_files` of Prometheus, or its `scrape_configs` */
export const scrapesOf = ({ processes, tls }) => ({
  scrape_configs: processes.map(({ name, edge }) => ({
    job_name: `holdfast-${name}`,
    ...(tls && !edge && { scheme: 'https', tls_config: { ca_file: settings.monitoringCaFile, server_name: name } }),
    kubernetes_sd_configs: [
      { role: 'pod', namespaces: { names: [settings.namespace] }, selectors: [selectorOf(name)] },
    ],
    relabel_configs: [
      { source_labels: ['__meta_kubernetes_pod_container_port_name'], regex: 'http', action: 'keep' },
      { source_labels: ['__meta_kubernetes_pod_phase'], regex: 'Running', action: 'keep' },
      { target_label: 'process', replacement: name },
      { target_label: 'job', replacement: 'holdfast' },
    ],
  })),
});

const selectorOf = (name) => ({
  role: 'pod',
  label: Object.entries(labelsOf(name))
    .map(([key, value]) => `${key}=${value}`)
    .join(','),
});
