import ts from 'typescript';
import { ROOT, type Program } from './markdown';

const { config } = ts.readConfigFile(`${ROOT}tsconfig.json`, (path) => ts.sys.readFile(path)) as {
  config: { compilerOptions: object };
};
const { options } = ts.convertCompilerOptionsFromJson(
  {
    ...config.compilerOptions,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    // A snippet may show a result that it does not use.
    noUnusedLocals: false,
  },
  ROOT,
);

/** Types of what a page's bundler imports: `?url`. */
const VITE = `${ROOT}node_modules/vite/client.d.ts`;

/** The file that the compiler takes a program for: beside its page, so that relative imports are the page's. */
const fileOf = ({ page, line }: Program): string => `${ROOT}${page}.${line}.ts`;

/** Names of `@internal` members that `file` uses, each with its line. */
function internalsIn(file: ts.SourceFile, checker: ts.TypeChecker): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const symbol = ts.isIdentifier(node) ? checker.getSymbolAtLocation(node) : undefined;
    if (symbol?.getJsDocTags().some(({ name }) => name === 'internal')) {
      found.push(`${ts.getLineAndCharacterOfPosition(file, node.getStart()).line + 1}: ${symbol.name} is internal`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** Type errors of programs, and internals that they use, as `page:line: message`; strict, as demanding users compile. */
export function typeErrors(programs: readonly Program[]): string[] {
  const sources = new Map(programs.map((program) => [fileOf(program), `${program.source}\nexport {};\n`]));
  const host = ts.createCompilerHost(options, true);
  const disk = { ...host };
  host.fileExists = (path) => sources.has(path) || disk.fileExists(path);
  host.readFile = (path) => sources.get(path) ?? disk.readFile(path);
  host.getSourceFile = (path, ...rest) => {
    const text = sources.get(path);
    return text === undefined
      ? disk.getSourceFile(path, ...rest)
      : ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  };
  const compiled = ts.createProgram({ rootNames: [...sources.keys(), `${ROOT}src/wgsl.d.ts`, VITE], options, host });
  return programs.flatMap((program) => {
    const file = compiled.getSourceFile(fileOf(program));
    if (!file) throw new Error(`the compiler did not read ${fileOf(program)}`);
    const diagnostics = [...compiled.getSyntacticDiagnostics(file), ...compiled.getSemanticDiagnostics(file)];
    const errors = diagnostics.map(({ start = 0, messageText }) => {
      const { line } = ts.getLineAndCharacterOfPosition(file, start);
      return `${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
    return [...errors, ...internalsIn(file, compiled.getTypeChecker())].map((error) => `${program.page}:${error}`);
  });
}
