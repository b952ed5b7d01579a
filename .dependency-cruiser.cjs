/** The boundaries of ARCHITECTURE.md, checked on every test run. */
const test = '\\.test\\.tsx?$';
const testing = '(\\.test\\.tsx?|/testing\\.ts)$';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'domains-are-strangers',
      comment: 'A domain never imports another; use a reference, a port of the asking domain, or an event.',
      severity: 'error',
      from: { path: '^src/domains/([^/]+)/' },
      to: { path: '^src/domains/', pathNot: '^src/domains/$1/' },
    },
    {
      name: 'domains-look-down',
      severity: 'error',
      from: { path: '^src/domains/' },
      to: { path: '^(src|sdk|web|test|bench|tools)/', pathNot: '^src/(domains|platform|contract)/' },
    },
    {
      name: 'platform-knows-no-domain',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: '^(src|sdk|web)/', pathNot: '^src/platform/' },
    },
    {
      name: 'contract-knows-the-kernel',
      severity: 'error',
      from: { path: '^src/contract/' },
      to: { path: '^(src|sdk|web)/', pathNot: '^src/(contract|platform/kernel|platform/operation)/' },
    },
    {
      name: 'protocols-sit-above-domains',
      severity: 'error',
      from: { path: '^src/protocols/' },
      to: { path: '^(src|sdk|web)/', pathNot: '^src/(protocols|domains|platform|contract)/' },
    },
    {
      name: 'clients-speak-contract',
      comment: 'The exceptions are the commands that start the server and the demo in their own process.',
      severity: 'error',
      from: { path: '^(src/cli|sdk|web)/', pathNot: ['^src/cli/commands/(serve|demo)\\.ts$', test] },
      to: { path: '^src/', pathNot: '^src/(cli|contract|platform/kernel|platform/operation)/' },
    },
    {
      name: 'demo-is-a-client',
      comment: 'The demo replays files, so it may use libraries; the server it meets over HTTP alone.',
      severity: 'error',
      from: { path: '^src/demo/', pathNot: test },
      to: { path: '^(src|web)/', pathNot: '^src/(demo|contract|platform)/' },
    },
    {
      name: 'server-is-the-top',
      severity: 'error',
      from: { path: '^(src|sdk|web)/', pathNot: ['^src/server/', '^src/cli/commands/serve\\.ts$', test] },
      to: { path: '^src/server/' },
    },
    {
      name: 'core-is-pure',
      comment: 'Core code does no I/O; time and chance come from Clock and Rng.',
      severity: 'error',
      from: { path: '^src/domains/[^/]+/core/', pathNot: test },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(worker_threads|assert)$' },
    },
    {
      name: 'front-door-only',
      comment: 'Another package is imported by its index; its testing.ts only by tests.',
      severity: 'error',
      from: { path: '^src/(platform|domains|protocols)/([^/]+)/', pathNot: testing },
      to: {
        path: '^src/(platform|domains|protocols)/[^/]+/',
        pathNot: ['^src/$1/$2/', '^src/(platform|domains|protocols)/[^/]+/index\\.ts$'],
      },
    },
    {
      name: 'front-door-only-from-above',
      severity: 'error',
      from: { path: '^(src/(server|cli)|sdk|web|test|bench)/', pathNot: testing },
      to: {
        path: '^src/(platform|domains|protocols)/[^/]+/',
        pathNot: ['^src/(platform|domains|protocols)/[^/]+/(index|testing)\\.ts$'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(node_modules|dist|\\.trimtab)' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
    },
  },
};
