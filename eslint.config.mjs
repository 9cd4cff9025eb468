import tseslint from 'typescript-eslint';
import { importX } from 'eslint-plugin-import-x';

/** Folders of src in the order of the arrows: a folder may import itself and what stands before it. */
const LAYERS = ['device', 'runtime', 'tensor', 'autograd', 'ops', 'nn', 'optim', 'metrics', 'train'];
/** These stand beside the chain and see only the folders named here. */
const BESIDE = { data: ['device', 'runtime', 'tensor', 'autograd', 'ops'], serialize: ['device', 'runtime', 'tensor'] };

const forbidden = (folder, allowed) => ({
  target: `./src/${folder}`,
  from: './src',
  except: [folder, ...allowed].map((name) => `./${name}`),
  message: `src/${folder} may import only: ${[folder, ...allowed].join(', ')}`,
});

const zones = [
  ...LAYERS.map((folder, i) => forbidden(folder, [...LAYERS.slice(0, i), ...(folder === 'train' ? ['data'] : [])])),
  ...Object.entries(BESIDE).map(([folder, allowed]) => forbidden(folder, allowed)),
];

export default tseslint.config(
  { ignores: ['**/dist/**', 'node_modules/**', '.gpu-kit/**'] },
  ...tseslint.configs.strictTypeChecked.map((c) => ({ ...c, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { project: './tsconfig.json' } },
    settings: {
      'import-x/resolver': { typescript: { project: './tsconfig.json' } },
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { zones }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
    },
  },
);
