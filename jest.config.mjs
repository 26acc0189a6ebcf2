const base = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { configFile: './.swcrc' }] },
  moduleNameMapper: {
    '^@earshot/contracts$': '<rootDir>/libs/contracts/src/index.ts',
    '^@earshot/(core|platform|nest|testing)/(.*)$': '<rootDir>/libs/$1/src/$2/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['/dist/', '/.earshot/', '/.nx/'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/.earshot/'],
};

const slow = ['\\.integration\\.spec\\.ts$', '\\.e2e\\.spec\\.ts$'];

export default {
  projects: [
    {
      ...base,
      displayName: 'unit',
      testMatch: ['<rootDir>/{libs,services,tools}/**/*.spec.ts'],
      testPathIgnorePatterns: [...base.testPathIgnorePatterns, ...slow],
    },
    {
      ...base,
      displayName: 'integration',
      testMatch: ['<rootDir>/{libs,services,tools}/**/*.integration.spec.ts'],
      globalSetup: '<rootDir>/tools/testing/stack-setup.mjs',
      globalTeardown: '<rootDir>/tools/testing/stack-teardown.mjs',
    },
    {
      ...base,
      displayName: 'e2e',
      testMatch: ['<rootDir>/{libs,services,tools}/**/*.e2e.spec.ts'],
    },
  ],
};
