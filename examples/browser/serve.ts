import { Command, InvalidArgumentError } from 'commander';
import { build, preview } from 'vite';
import config from './vite.config';

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new InvalidArgumentError('expected an integer from 0 to 65535.');
  return port;
}

const { port } = new Command('npm run browser --')
  .description('Builds the page that trains in the browser, serves it and prints its address.')
  .option('--port <n>', 'port to serve on; the next free one when it is taken', portNumber, 4173)
  .parse()
  .opts<{ port: number }>();

// Passed as an object: Vite would look for the file.
const options = { ...config, configFile: false } as const;
await build({ ...options, logLevel: 'warn' });
const server = await preview({ ...options, preview: { ...config.preview, port } });
const address = server.resolvedUrls?.local.at(0) ?? `port ${port}`;
console.log(`Open ${address} in a browser with WebGPU; Ctrl-C ends the server.`);
