// The walls of the house. Each rule has a deliberate violation in test/architecture/fixtures/<rule> that must make it
// fire, and the comment is what a newcomer reads when it does.
const test = '\\.(spec|int-spec|e2e-spec|fixture)\\.ts$';
const context = '^libs/contexts/([^/]+)/';
const library = '^libs/(?!contexts/)([^/]+)/';

const [first, second, third] = require('./scripts/walls/library-order.cjs').map((tier) => tier.join('|'));

// Folders of a context that every slice of it may use. Everything else one level down is a slice.
const commonGround = 'contracts|domain|providers';

const wall = (name, comment, from, to) => ({ name, severity: 'error', comment, from, to });

module.exports = {
  forbidden: [
    wall(
      'every-import-resolves',
      'An import that leads nowhere would slip past every other wall.',
      {},
      { couldNotResolve: true },
    ),
    wall(
      'no-cycles',
      'With native ES modules and decorator metadata a cycle is a crash at load, not a matter of style.',
      {},
      { circular: true },
    ),
    wall(
      'contexts-meet-only-in-contracts',
      "Use the other context's contracts: send a command, ask a query, or handle its event.",
      { path: context },
      { path: '^libs/contexts/', pathNot: ['^libs/contexts/$1/', '^libs/contexts/[^/]+/contracts/'] },
    ),
    wall(
      'enter-contracts-by-the-door',
      'Outside its context a contract is imported from @holdfast/contracts/<name>, which is contracts/index.ts.',
      { path: '^(?:libs/contexts/([^/]+)|libs|apps|migrations|test)/' },
      { path: '^libs/contexts/[^/]+/contracts/', pathNot: ['^libs/contexts/$1/', '/contracts/index\\.ts$'] },
    ),
    wall(
      'contracts-are-leaves',
      'A contract knows @holdfast/messaging and the other contracts of its own context, nothing else.',
      { path: `${context}contracts/`, pathNot: test },
      { pathNot: ['^libs/contexts/$1/contracts/', '^libs/messaging/index\\.ts$'] },
    ),
    wall(
      'domain-is-pure',
      'Rules are pure functions of their arguments: no Nest, no SQL, no clock. Pass them in as values.',
      { path: `${context}domain/`, pathNot: test },
      { pathNot: '^libs/contexts/$1/domain/' },
    ),
    wall(
      'slices-are-strangers',
      'Two slices share through domain/, the store in the root of the context, or an event.',
      { path: '^libs/contexts/([^/]+)/([^/]+)/', pathNot: [test, `^libs/contexts/[^/]+/(${commonGround})/`] },
      {
        path: '^libs/contexts/$1/[^/]+/',
        pathNot: ['^libs/contexts/$1/$2/', `^libs/contexts/[^/]+/(${commonGround})/`],
      },
    ),
    wall(
      'libraries-know-no-business',
      'A pattern library must be usable in any other project.',
      { path: library, pathNot: test },
      { path: '^(libs/contexts|apps|migrations|test)/' },
    ),
    wall(
      'first-tier-knows-no-later-library',
      `The order is ${first} <- ${second} <- ${third}.`,
      { path: `^libs/(${first})/`, pathNot: test },
      { path: `^libs/(${second}|${third})/` },
    ),
    wall(
      'second-tier-knows-no-host',
      `The order is ${first} <- ${second} <- ${third}.`,
      { path: `^libs/(${second})/`, pathNot: test },
      { path: `^libs/(${third})/` },
    ),
    wall(
      'enter-libraries-by-the-door',
      'Only index.ts of a library is public: import @holdfast/<library>.',
      { path: '^(?:libs/(?!contexts/)([^/]+)|libs/contexts|apps|migrations|test)/' },
      { path: '^libs/(?!contexts/)', pathNot: ['^libs/$1/', '^libs/[^/]+/index\\.ts$'] },
    ),
    wall(
      'only-apps-and-tests-mount-contexts',
      'The front door of a context is for apps/ and test/.',
      { pathNot: ['^(apps|test)/', test] },
      { path: '^libs/contexts/[^/]+/[^/]+\\.context\\.ts$' },
    ),
    wall(
      'apps-see-only-front-doors',
      'A main.ts chooses contexts; it never reaches inside one.',
      { path: '^apps/' },
      { path: '^libs/contexts/', pathNot: '^libs/contexts/([^/]+)/\\1\\.context\\.ts$' },
    ),
    wall(
      'apps-are-strangers',
      'Two processes share nothing but what is said between them, and the list of what there is to mount.',
      { path: '^apps/([^/]+)/' },
      { path: '^apps/', pathNot: ['^apps/$1/', '^apps/contexts\\.ts$'] },
    ),
    wall(
      'contexts-know-no-apps',
      'A context does not know who mounts it, migrates it or tests it.',
      { path: context, pathNot: test },
      { path: '^(apps|migrations|test)/' },
    ),
    wall(
      'migrations-keep-to-their-context',
      'A migration knows its own context, @holdfast/data-consistency and typeorm.',
      { path: '^migrations/([^/]+)/' },
      {
        pathNot: [
          '^migrations/$1/',
          '^libs/contexts/$1/',
          '^libs/data-consistency/index\\.ts$',
          '^node_modules/typeorm/',
        ],
      },
    ),
    wall(
      'nobody-imports-a-test',
      'Test files and test support are never part of what runs.',
      { path: '^(apps|libs|migrations)/', pathNot: test },
      { path: test },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|test/architecture/fixtures)/' },
    tsPreCompilationDeps: true, // a type-only import is an import
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
