import tseslint from 'typescript-eslint';
import { importX } from 'eslint-plugin-import-x';

/** Folders of src, each with the folders that it may import beside itself; `import type` counts. */
const BASE = ['device', 'wgsl', 'variants', 'runtime'];
const LAYERS = {
  device: [],
  wgsl: [],
  variants: ['device'],
  runtime: ['device', 'wgsl', 'variants'],
  profile: BASE,
  tensor: BASE,
  autograd: [...BASE, 'tensor'],
  capture: [...BASE, 'tensor', 'autograd'],
  tune: [...BASE, 'profile', 'tensor', 'autograd', 'capture'],
  ops: [...BASE, 'tensor', 'autograd'],
  nn: [...BASE, 'tensor', 'autograd', 'ops'],
  optim: [...BASE, 'tensor', 'autograd', 'ops', 'nn'],
  metrics: [...BASE, 'tensor', 'autograd', 'ops'],
  data: [...BASE, 'tensor', 'autograd', 'ops'],
  serialize: ['device', 'runtime', 'tensor'],
  train: [...BASE, 'tensor', 'autograd', 'capture', 'tune', 'ops', 'nn', 'optim', 'metrics', 'data'],
};

const forbidden = (folder, allowed) => ({
  target: `./src/${folder}`,
  from: './src',
  except: [folder, ...allowed].map((name) => `./${name}`),
  message: `src/${folder} may import only: ${[folder, ...allowed].join(', ')}`,
});

const zones = Object.entries(LAYERS).map(([folder, allowed]) => forbidden(folder, allowed));

export default tseslint.config(
  { ignores: ['**/dist/**', 'site/**', 'node_modules/**', '.gpu-kit/**'] },
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
