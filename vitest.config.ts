import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';

const alias = { wgrad: fileURLToPath(new URL('./src/index.ts', import.meta.url)) };

/** What `npm run test:quick` (mode `quick`) leaves out; every op is still checked, by fewer random cases. */
const LONG = [
  'test/device/process.test.ts',
  'test/examples/**',
  'test/gradcheck/networks.test.ts',
  'test/properties/{dropout,seed,size}.test.ts',
  'test/runtime/{debug,profiler}.test.ts',
];
const QUICK_RUNS = '6';

export default defineConfig(({ mode }) => {
  const quick = mode === 'quick';
  return {
    test: {
      projects: [
        {
          resolve: { alias },
          test: {
            name: 'node',
            include: ['test/**/*.test.ts'],
            exclude: [...configDefaults.exclude, ...(quick ? LONG : [])],
            env: quick ? { WGRAD_TEST_RUNS: env.WGRAD_TEST_RUNS ?? QUICK_RUNS } : {},
            setupFiles: ['test/support/setup.ts'],
            testTimeout: 120_000,
            hookTimeout: 120_000,
            maxWorkers: 2,
            isolate: false,
            pool: 'forks',
          },
        },
      ],
    },
  };
});
