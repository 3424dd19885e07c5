import { createNodeResolver, flatConfigs, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';
import { arrows } from './tools/eslint/arrows.js';

const SOURCES = ['packages/*/src/**/*.ts'];

/** Time, chance and the environment come in through options; only time/ touches the platform's own. */
const PLATFORM = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'console', 'process', 'Buffer'];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/coverage/**', '**/.data/**', '**/.servers/**'] },
  { files: ['**/*.ts'], extends: [tseslint.configs.strictTypeChecked], languageOptions: { parserOptions: { projectService: true } } },
  {
    files: ['**/*.ts'],
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js'], conditionNames: ['@tunic/source', 'node', 'import'] })] },
    rules: {
      'import-x/no-cycle': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'Name what is exported.' },
        { selector: 'TSEnumDeclaration', message: 'Use a union of literals.' },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // A void expression as the body of an arrow function reads well and means what it says.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      // Abort reasons and errors of user code travel unchanged, whatever they are.
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      // `void` marks a promise or value that is left alone on purpose.
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
    },
  },
  {
    files: SOURCES,
    plugins: { tunic: { rules: { arrows } } },
    rules: { 'tunic/arrows': 'error', 'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }] },
  },
  {
    files: ['packages/core/src/**/*.ts'],
    ignores: ['packages/core/src/time/**'],
    rules: {
      'no-restricted-globals': ['error', ...PLATFORM],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random' }, { object: 'Date', property: 'now' }],
    },
  },
  {
    files: ['**/*.test.ts', '**/*.property.test.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...['only', 'skip', 'todo'].flatMap((property) => ['it', 'test', 'describe'].map((object) => ({ object, property }))),
      ],
    },
  },
);
