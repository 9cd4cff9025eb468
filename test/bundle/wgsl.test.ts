import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { shrinkWgsl } from '../../scripts/bundle/wgsl';
import { expand } from '../../src/wgsl/template';

const folder = fileURLToPath(new URL('../../shaders/', import.meta.url));
const shaders = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.wgsl'));

describe('a published shader', () => {
  it('has no comments, no empty lines, few spaces, and all lines of the template language', () => {
    const source = `// What it does.
//@let N = 2

@group(0) @binding(0) var<storage, read_write> y: array<f32>; // result
fn main() {
  //@for i in 0..N
    y[@{i + 1}] = 1.0 - -2.0; //@if N
  //@end
  return @{N} ;
  // done
}
`;
    const shrunk = `//@let N=2
@group(0)@binding(0)var<storage,read_write>y:array<f32>;
fn main(){
//@for i in 0..N
y[@{i+1}]=1.0- -2.0;
//@end
return @{N};
}`;
    expect(shrinkWgsl(source)).toBe(shrunk);
    expect(expand(shrunk, {})).toContain('y[1]=1.0- -2.0;\ny[2]=1.0- -2.0;');
  });

  it('keeps apart a word and what the template language fills in', () => {
    const source = 'return @{F}(a, b) + c * @{G} ; let x : @{T} = y';
    expect(shrinkWgsl(source)).toBe('return @{F}(a,b)+c*@{G};let x:@{T}=y');
  });

  it('has the words and signs of its source', () => {
    // What WGSL reads as one token: a word, a number, or an operator.
    const tokens = (text: string) => text.match(/\w+|[-+*/%&|^=<>!]+|[^\w\s]/g);
    for (const name of shaders) {
      const source = readFileSync(folder + name, 'utf8');
      expect(source, name).not.toMatch(/\/\*|\*\//);
      const isComment = /(?<!^\s*)\/\/.*|\/\/(?!@).*/gm;
      expect(tokens(shrinkWgsl(source)), name).toEqual(tokens(source.replace(isComment, '')));
    }
  });
});
