import ts from 'typescript';
import { beforeAll, expect, it } from 'vitest';
import { publishedDeclarations } from '../../scripts/bundle/library';

/** Without comments. */
let text: string;
let source: ts.SourceFile;
beforeAll(async () => {
  text = (await publishedDeclarations()).replace(/\/\*\*[^]*?\*\//g, '');
  source = ts.createSourceFile('index.d.ts', text, ts.ScriptTarget.ES2022);
});

/** The names of what a class or interface declares, and inherits. */
function membersOf(name: string): string[] {
  for (const statement of source.statements) {
    if (!ts.isClassDeclaration(statement) && !ts.isInterfaceDeclaration(statement)) continue;
    if (statement.name?.text !== name) continue;
    const members: readonly ts.Node[] = statement.members;
    const bases = (statement.heritageClauses ?? [])
      .filter(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)
      .flatMap(({ types }) => types.map(({ expression }) => expression))
      .filter(ts.isIdentifier);
    const inherited = bases.flatMap(({ text: base }) => membersOf(base));
    const own = members.flatMap((member) => {
      if (ts.isConstructorDeclaration(member)) return ['constructor'];
      const { name: word } = member as ts.NamedDeclaration;
      return word && ts.isIdentifier(word) ? [word.text] : [];
    });
    return [...inherited, ...own];
  }
  return expect.fail(`${name} is not declared`);
}

it('users see of a device what is theirs', () => {
  expect(membersOf('Device').sort()).toEqual(
    ['destroy', 'features', 'finish', 'generator', 'info', 'limits', 'lost', 'memory', 'tuneMode', 'variants'].sort(),
  );
  expect(membersOf('VariantSelection').sort()).toEqual(['load', 'record']);
  expect(membersOf('Generator').sort()).toEqual(['constructor', 'offset', 'seed']);
});

it('users see of a tensor what is theirs', () => {
  const members = [...new Set(membersOf('Tensor'))].sort();
  expect(members).toEqual(
    [
      ...[
        'shape',
        'dtype',
        'size',
        'rank',
        'device',
        'requiresGrad',
        'grad',
        'data',
        'item',
        'write',
        'copyFrom',
        'backward',
      ],
      ...['detach', 'retainGrad', 'registerHook', 'dispose', 'disposed', 'format', 'toString'],
    ].sort(),
  );
});

it('no declaration mentions what only the library uses', () => {
  const words = new Set(text.match(/\b[A-Z]\w+/g));
  const internal = [
    'BufferPool',
    'BufferView',
    'CommandStream',
    'Gpu',
    'GpuChecks',
    'GradNode',
    'GradSlot',
    'StorageRef',
    'Version',
    'AnomalyWatcher',
    'Kernel',
    'Launch',
    'Observers',
  ];
  expect(
    ['Pipeline', 'PipelineCache', 'RecordedGraph', 'Storage', 'VariantTable', ...internal].filter((name) =>
      words.has(name),
    ),
  ).toEqual([]);
  expect([...words].filter((name) => name.startsWith('GPU')).sort()).toEqual([
    'GPUFeatureName',
    'GPUPowerPreference',
    'GPUSupportedLimits',
  ]);
});
