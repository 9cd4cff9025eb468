// Prints what the library adds to a page, minified and gzipped.
import { publishedLibrary } from './bundle/library';
import { sizesOf } from './bundle/sizes';

const library = await publishedLibrary();
const { all, core, oneOp } = await sizesOf(library);
await library.remove();
const line = (name: string, bytes: number) => `${name.padEnd(44)} ${(bytes / 1000).toFixed(3).padStart(8)} KB\n`;
process.stdout.write(
  line('everything', all) +
    line('at first, without readers of data and files', core) +
    line('open, tensor, add (with its gradient)', oneOp),
);
