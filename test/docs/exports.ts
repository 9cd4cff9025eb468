import ts from 'typescript';
import { ROOT } from './markdown';

const INDEX = `${ROOT}src/index.ts`;

/** The names of all public exports, types too, those of namespaces as `nn.conv2d`. */
export function publicNames(): string[] {
  const { config } = ts.readConfigFile(`${ROOT}tsconfig.json`, (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
  const program = ts.createProgram({ rootNames: [INDEX, `${ROOT}src/wgsl.d.ts`], options });
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(INDEX);
  const index = file && checker.getSymbolAtLocation(file);
  if (!index) throw new Error(`${INDEX} exports nothing`);
  const namesIn = (module: ts.Symbol, prefix: string): string[] =>
    checker.getExportsOfModule(module).flatMap((symbol) => {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      const name = prefix + symbol.name;
      return target.flags & ts.SymbolFlags.ValueModule ? [name, ...namesIn(target, `${name}.`)] : [name];
    });
  return namesIn(index, '');
}
