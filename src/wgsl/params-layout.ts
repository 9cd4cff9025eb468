import type { Field, ParamsLayout, Scalar } from './params';

const VEC4: Readonly<Record<string, Scalar>> = { vec4u: 'u32', vec4i: 'i32', vec4f: 'f32' };
const SCALARS: readonly string[] = ['u32', 'i32', 'f32'];

/**
 * Reads the layout of `struct Params`, by the rules of WGSL's uniform address space; `null` where the shader has none.
 * Throws on a type that it does not know.
 */
export function paramsLayout(wgsl: string): ParamsLayout | null {
  const body = /struct Params\s*\{([^}]*)\}/.exec(wgsl.replace(/\/\/.*/g, ''))?.[1];
  if (body === undefined) return null;
  const fields: Field[] = [];
  let offset = 0;
  for (const [, name, type] of body.matchAll(/(\w+)\s*:\s*(\w+(?:<[^>]*>)?)\s*,?/g)) {
    const array = /^array<(vec4[uif]),\s*(\d+)>$/.exec(type);
    const vector = array ? array[1] : type;
    if (vector in VEC4) {
      offset = Math.ceil(offset / 16) * 16;
      const count = 4 * (array ? Number(array[2]) : 1);
      fields.push({ name, scalar: VEC4[vector], offset, count });
      offset += 4 * count;
    } else if (SCALARS.includes(type)) {
      fields.push({ name, scalar: type as Scalar, offset, count: 1 });
      offset += 4;
    } else
      throw new Error(`struct Params: type ${type} of ${name} is not one of u32, i32, f32, vec4*, array<vec4*, n>`);
  }
  return { fields, size: Math.ceil(offset / 16) * 16 };
}

const PARTS = /struct Params\s*\{([^}]*)\}/g;

/**
 * Where libraries and the kernel declare a `struct Params` each: one with the fields of all, in the order of the
 * sources.
 */
export function joinParams(wgsl: string): string {
  const parts = [...wgsl.matchAll(PARTS)].map(([, fields]) => fields);
  return parts.length < 2 ? wgsl : `struct Params {${parts.join('')}}\n${wgsl.replace(PARTS, '')}`;
}
