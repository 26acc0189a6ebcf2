import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** Dependency direction of docs/architecture: a project without a tag matches no constraint and fails. */
const boundaries = [
  { sourceTag: 'layer:core', onlyDependOnLibsWithTags: ['layer:core'] },
  { sourceTag: 'layer:contracts', onlyDependOnLibsWithTags: ['layer:contracts'] },
  { sourceTag: 'layer:platform', onlyDependOnLibsWithTags: ['layer:platform', 'layer:core', 'layer:contracts'] },
  {
    sourceTag: 'layer:nest',
    onlyDependOnLibsWithTags: ['layer:nest', 'layer:platform', 'layer:core', 'layer:contracts'],
  },
  {
    sourceTag: 'layer:testing',
    onlyDependOnLibsWithTags: ['layer:testing', 'layer:platform', 'layer:core', 'layer:contracts'],
  },
  {
    sourceTag: 'layer:service',
    onlyDependOnLibsWithTags: ['layer:nest', 'layer:platform', 'layer:core', 'layer:contracts', 'layer:testing'],
  },
  { sourceTag: 'layer:console', onlyDependOnLibsWithTags: [] },
  {
    sourceTag: 'layer:tools',
    onlyDependOnLibsWithTags: ['layer:platform', 'layer:core', 'layer:contracts', 'layer:testing'],
  },
];

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/generated/**',
      'libs/core/kernels/**',
      '.earshot/**',
      '.nx/**',
      'coverage/**',
      'models/.venv/**',
      '**/node_modules/**',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.strictTypeChecked],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          allow: [],
          enforceBuildableLibDependency: false,
          allowCircularSelfDependency: true,
          depConstraints: boundaries,
        },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['libs/core/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['node:*', '@nestjs/*', 'kafkajs', '@grpc/*', '@clickhouse/*', 'onnxruntime-node'],
              message: 'core is pure: no I/O, no framework.',
            },
          ],
        },
      ],
      'no-restricted-globals': ['error', 'process', 'Buffer', 'setTimeout', 'setInterval', 'fetch', 'console'],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'core has no clock: event time arrives in the data.' },
        { object: 'Math', property: 'random', message: 'core is deterministic.' },
        { object: 'performance', property: 'now', message: 'core has no clock.' },
      ],
    },
  },
  // Tests of a lib may use @earshot/testing and, for an FFT or a file, platform.
  {
    files: ['**/*.spec.ts'],
    rules: { '@nx/enforce-module-boundaries': 'off', '@typescript-eslint/unbound-method': 'off' },
  },
  { files: ['services/console/src/**/*.{ts,tsx}'], ...reactHooks.configs.flat.recommended },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'console', 'performance', 'setTimeout', 'setInterval', 'clearInterval', 'URL', 'fetch'].map(
          (name) => [name, 'readonly'],
        ),
      ),
    },
  },
  prettier,
);
