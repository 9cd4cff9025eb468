/** How a multiply-add is written: a driver may or may not make one instruction of the second. */
export const FORMS = { fma: 'fma(s, x, y)', 'mul + add': 's * x + y' } as const;
export type Form = keyof typeof FORMS;

/** Independent chains, enough to fill an arithmetic unit's pipeline. */
const CHAINS = 10;
/** Links of each chain in one turn of the loop, so that the loop itself costs almost nothing. */
const LINKS = 8;

/** Operations of one invocation in one turn of the loop. */
export const FLOP_PER_TURN = 2 * CHAINS * LINKS;

const chains = (line: (i: number) => string): string => Array.from({ length: CHAINS }, (_, i) => line(i)).join('\n');

/** Nothing but multiply-adds: `turns` of every chain. The factors are uniforms, so that no compiler computes the result. */
export const multiplyAddWgsl = (form: Form, workgroup: number): string => `
struct Params { turns: u32, x: f32, y: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(${workgroup})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let x = params.x;
  let y = params.y;
${chains((i) => `  var s${i} = f32(id.x) + ${i}.0;`)}
  for (var turn = 0u; turn < params.turns; turn++) {
${`${chains((i) => `    s${i} = ${FORMS[form].replace('s', `s${i}`)};`)}\n`.repeat(LINKS)}
  }
  out[id.x] = ${Array.from({ length: CHAINS }, (_, i) => `s${i}`).join(' + ')};
}`;

/** Elements that an invocation copies. */
export const COPIES = 16;
export const COPY_WORKGROUP = 64;

/** Copies `count` elements; neighbours copy neighbouring elements at each turn. */
export const copyWgsl = (type: 'f32' | 'vec4f'): string => `
struct Params { count: u32, threads: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<${type}>;
@group(0) @binding(2) var<storage, read_write> copied: array<${type}>;

@compute @workgroup_size(${COPY_WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  for (var i = id.x; i < params.count; i += params.threads) {
    copied[i] = source[i];
  }
}`;
