import { describe, expect, it } from 'vitest';
import { rename, shortNames } from '../../scripts/bundle/names';
import { shaderSources, shrinkWgsl } from '../../scripts/bundle/wgsl';

const sources = shaderSources();
const names = shortNames(sources);
/** Without comments; lines of the template language are none. */
const code = (source: string): string => source.replace(/^(?!\s*\/\/@)(.*?)\/\/.*/gm, '$1');
/** Words and numbers, with what is pasted into them, and signs. */
const tokens = (text: string): string[] => text.match(/\/\/@.*|@\{[^}]*\}|\w+|[^\w\s]/g) ?? [];
const TOP = /^(?:@group.*)?(?:const|fn|struct|alias|var<[^>]*>)\s+(\w+)/gm;
const declared = (text: string): string[] => [...new Set([...text.matchAll(TOP)].map(([, name]) => name))];

describe('a published shader has short names', () => {
  it('for what it declares, and keeps what others know', () => {
    const library = `struct Pair { left: f32, right: u32 }
fn max_of(pair: Pair, step: f32) -> f32 {
  return max(pair.left, step) + step(0.5, f32(pair.right));
}`;
    const kernel = `struct Params { total: u32, left: @{T} }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> result: array<f32>;
@compute @workgroup_size(@{WG})
fn main(@builtin(workgroup_id) group: vec3u) {
  //@if total
  let total@{k}_@{total} = max_of(Pair(params.left, group.xy.x), 1.5e2);
  result[params.total] = total0_1;
  //@end
}`;
    const short = shortNames({ 'library.wgsl': library, 'kernel.wgsl': kernel });
    const text = rename(`${library}\n${kernel}`, short);
    const to = (name: string): string => short.get(name) ?? expect.fail(`${name} is not renamed`);
    expect([...short.values()].every((name) => name.length === 1)).toBe(true);
    // A built-in function goes by the same name.
    expect(short.has('step')).toBe(false);
    expect(text).toContain(`return max(${to('pair')}.${to('left')},`);
    expect(text).toContain('struct Params { total: u32, left: @{T} }');
    expect(text).toContain(`@group(0) @binding(0) var<uniform> ${to('params')}: Params;`);
    expect(text).toContain(`fn main(@builtin(workgroup_id) ${to('group')}: vec3u) {\n  //@if total\n`);
    expect(text).toContain(
      `let ${to('total')}@{k}_@{total} = ${to('max_of')}(${to('Pair')}(${to('params')}.left, ${to('group')}.xy.x), 1.5e2);`,
    );
    expect(text).toContain(`${to('result')}[${to('params')}.total] = ${to('total')}0_1;`);
  });

  it('each in the place of one other wherever both are seen', () => {
    for (const [file, source] of Object.entries(sources)) {
      const text = code(source);
      const [before, after] = [text, rename(text, names)].map((each) => each.split(/^(?=fn )/m));
      expect(after.length, file).toBe(before.length);
      before.forEach((part, i) => {
        const [from, to] = [part, after[i]].map(tokens);
        expect(to.length, file).toBe(from.length);
        const longer = new Map<string, string>();
        from.forEach((word, k) => {
          // A field that JavaScript knows, or a swizzle, has its own name.
          if (from[k - 1] === '.' || !/^[A-Za-z_]/.test(word) || /\bstruct Params/.test(part)) return;
          // The attributes' words.
          if (from[k - 1] === '@' || from.slice(k - 3, k - 1).join('') === '@builtin') return;
          expect(longer.get(to[k]) ?? word, `${file}: ${to[k]}`).toBe(word);
          longer.set(to[k], word);
        });
      });
    }
  });

  it('apart from those of the libraries', () => {
    const top = (lib: boolean): string[][] =>
      Object.entries(sources)
        .filter(([, source]) => source.includes('@compute') !== lib)
        .map(([, source]) => declared(code(source)));
    const libraries = top(true).flat();
    for (const kernel of top(false)) {
      const known = [...new Set([...libraries, ...kernel])];
      expect(new Set(known.map((name) => rename(name, names))).size).toBe(known.length);
    }
  });

  it('and the fields and directives of its source', () => {
    for (const [file, source] of Object.entries(sources)) {
      const kept = (text: string): string[] => [
        ...(text.match(/^\/\/@.*/gm) ?? []),
        ...(text.match(/struct Params\{[^}]*\}/g) ?? []),
        ...(text.match(/@\w+(?:\([^)]*\))?/g) ?? []),
      ];
      const shrunk = shrinkWgsl(source);
      expect(kept(rename(shrunk, names)), file).toEqual(kept(shrunk));
      // A field of that name could not be told from a swizzle.
      const structs = [...code(source).matchAll(/struct (?!Params)\w+ \{([^}]*)\}/g)].map(([, fields]) => fields);
      expect(
        structs.flatMap((fields) => fields.match(/\b(?:[xyzw]{1,4}|[rgba]{1,4})(?=:)/g) ?? []),
        file,
      ).toEqual([]);
    }
  });
});
