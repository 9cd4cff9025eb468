/** Passed over: attributes, `struct Params` and its fields (JavaScript packs by their names), swizzles, numbers, types, the template. */
const KEPT = [
  String.raw`//.*`,
  String.raw`@\w+(?:\(\w+\))?`,
  String.raw`\bstruct Params\s*\{(?:@\{[^}]*\}|[^}])*\}`,
  String.raw`(?<=\bparams\.)\w+`,
  String.raw`(?<=\.)(?:[xyzw]{1,4}|[rgba]{1,4})\b`,
  String.raw`\b(?:[iuf]32|f16|vec[234]\w?)\b`,
  String.raw`\b\d[\w.]*`,
  String.raw`@\{[^}]*\}\w*`,
].join('|');
/** A name is its letters up to the first digit, the stem, and a rest that can be pasted from numbers: `sum@{i}` becomes `sum0`. */
const PARTS = new RegExp(String.raw`${KEPT}|\b(?<stem>[A-Za-z_]+)(?<rest>(?:\w|@\{[^}]*\})*)`, 'g');

/** What declares a name; behind `:`, one of a parameter or a field. */
const DECLARED = /\b(?:let|const|fn|struct|alias|var(?:<[^>]*>)?)\s+([A-Za-z_]+)|\b([A-Za-z_]+)(?:\w|@\{[^}]*\})*\s*:/g;
const AT_TOP = /^(?:@group.*)?(?:const|fn|struct|alias|var<[^>]*>)\s+([A-Za-z_]+)/gm;
const CALLED = /(?<!@|\bfn )\b([A-Za-z_]+)(?:\w|@\{[^}]*\})*\(/g;
/** Functions and structs: a line at the margin, up to the next brace there. */
const UNITS = /^(?:fn|struct) .*(?:\}$|(?:\n.*)*?\n\})/gm;

/** Read by JavaScript, or words of the language that look like declared names. */
const FIXED = ['main', 'Params', 'default'];
/** Two letters that mean something, and letters that with a number after them are types. */
const TAKEN = new Set(['as', 'do', 'fn', 'if', 'of', 'i', 'u', 'f', 'h']);

const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ');
const SHORT = [...LETTERS, ...LETTERS.flatMap((a) => LETTERS.map((b) => a + b))].filter((name) => !TAKEN.has(name));

const code = (source: string): string => source.replace(/^\s*\/\/@.*|\/\/.*/gm, '');
const firsts = (matches: Iterable<RegExpMatchArray>): string[] => [...matches].map(([, ...names]) => names.join(''));
const stemsIn = (text: string): string[] => [...text.matchAll(PARTS)].flatMap(({ groups }) => groups?.stem ?? []);

/**
 * Short names for those that the shaders declare: each has the same one wherever it stands, so that libraries and kernels fit
 * together; two that meet nowhere can share one.
 */
export function shortNames(sources: Readonly<Record<string, string>>): Map<string, string> {
  const texts = Object.values(sources).map(code);
  const files = texts.map((text) => ({ lib: !text.includes('@compute'), text }));
  const all = texts.join('\n');
  const top = files.map(({ lib, text }) => ({ lib, names: new Set(firsts(text.matchAll(AT_TOP))) }));
  const functions = new Set(top.flatMap(({ names }) => [...names]));
  // A local variable can have the name of a built-in function.
  const builtin = firsts(all.matchAll(CALLED)).filter((name) => !functions.has(name));
  const masked = all.replace(new RegExp(KEPT, 'g'), (part) => (/^[@\d]/.test(part) ? part : ''));
  const names = new Set(firsts(masked.matchAll(DECLARED)));
  for (const name of [...builtin, ...FIXED]) names.delete(name);

  const meets = new Map([...names].map((name) => [name, new Set<string>()]));
  const meet = (group: Iterable<string>): void => {
    const known = [...new Set(group)].filter((name) => names.has(name));
    for (const name of known) for (const other of known) meets.get(name)?.add(other);
  };
  for (const [unit] of all.matchAll(UNITS)) meet(stemsIn(unit));
  // What libraries declare meets what any kernel declares.
  const ofLibraries = top.flatMap(({ lib, names }) => (lib ? [...names] : []));
  for (const { names } of top) meet([...ofLibraries, ...names]);

  const counts = new Map<string, number>();
  for (const stem of stemsIn(all)) if (names.has(stem)) counts.set(stem, (counts.get(stem) ?? 0) + 1);
  const short = new Map<string, string>();
  for (const [name] of [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))) {
    const taken = new Set([...(meets.get(name) ?? [])].map((other) => short.get(other)));
    const free = SHORT.find((candidate) => !taken.has(candidate));
    if (free !== undefined) short.set(name, free);
  }
  return short;
}

/** A shader with its names replaced. */
export const rename = (source: string, names: ReadonlyMap<string, string>): string =>
  source.replace(PARTS, (part, ...args) => {
    const { stem, rest } = args.at(-1) as { stem?: string; rest?: string };
    return stem === undefined ? part : (names.get(stem) ?? stem) + (rest ?? '');
  });
