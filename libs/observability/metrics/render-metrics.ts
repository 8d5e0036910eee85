import { Registry } from 'prom-client';
import { refreshGauges } from './gauges.js';
import { register } from './registry.js';

/** The parts of a prom-client metric that rendering needs. */
interface Rendered {
  name: string;
  type: string;
  get(): Promise<{ name: string }>;
}

/**
 * All metrics of the process as text: OpenMetrics with exemplars when `accept` names it, Prometheus 0.0.4 otherwise.
 * @param accept the `Accept` header of the scrape
 */
export async function renderMetrics(accept = ''): Promise<{ contentType: string; body: string }> {
  await refreshGauges();
  const view = viewOf(register, accept.includes('application/openmetrics-text'));
  return { contentType: view.contentType, body: await view.metrics() };
}

/**
 * prom-client has one content type per registry and, in OpenMetrics, renames counters for good (`_total` is lost to the
 * other format). So each scrape is rendered from a view of its own, in which OpenMetrics counters are stand-ins.
 */
function viewOf(registry: Registry, openMetrics: boolean): Registry {
  const view = new Registry();
  if (openMetrics) view.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
  for (const metric of registry.getMetricsAsArray() as unknown as Rendered[]) {
    view.registerMetric((openMetrics && metric.type === 'counter' ? standIn(metric) : metric) as never);
  }
  return view;
}

function standIn(counter: Rendered): Rendered {
  const name = counter.name.replace(/_total$/, '');
  return { name, type: counter.type, get: async () => ({ ...(await counter.get()), name }) };
}
