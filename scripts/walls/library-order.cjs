// A library may import its own tier and the earlier ones. Contexts may import every library; apps come last.
module.exports = [
  ['configuration', 'messaging', 'resilience', 'observability', 'security'],
  [
    'data-consistency',
    'database',
    'governance',
    'routing',
    'caching',
    'fault-injection',
    'reliability-budget',
    'plugins',
  ],
  ['host'],
];
