import { renderMetrics } from '@holdfast/observability';
import { Fleet } from './balancing/fleet.js';
import { FileRegistry } from './discovery/file/file-registry.js';
import { countRouting, registerRouting } from './routing-metrics.js';

describe('the metrics of routing', () => {
  it('show instances by state, ejections, panic, and how old the lists are', async () => {
    const toys = ['http://127.0.0.1:4001', 'http://127.0.0.1:4002', { url: 'http://127.0.0.1:4003', draining: true }];
    const registry = new FileRegistry({ source: JSON.stringify({ toys }) });
    const fleet = new Fleet({ registry, services: ['toys'], timeoutMs: 100, connections: 1, ...countRouting });
    const takeBack = registerRouting(fleet);
    const shown = async () => (await renderMetrics(undefined)).body.split('\n');
    const [one, two] = fleet.of('toys');
    for (let time = 0; time < 5; time++) fleet.ended(one!, 'failed');
    expect(await shown()).toEqual(
      expect.arrayContaining([
        'routing_instances{service="toys",state="ejected"} 1',
        'routing_instances{service="toys",state="unknown"} 1',
        'routing_instances{service="toys",state="draining"} 1',
        'routing_ejections_total{service="toys"} 1',
        'routing_panic{service="toys"} 0',
        expect.stringMatching(/^routing_list_age_seconds\{registry="file"\} [\d.e-]+$/),
      ]),
    );
    two!.host.refused();
    fleet.choose('toys');
    expect(await shown()).toEqual(
      expect.arrayContaining(['routing_panic{service="toys"} 1', 'routing_panic_choices_total{service="toys"} 1']),
    );
    takeBack();
    await fleet.close();
    await registry.close();
  });
});
