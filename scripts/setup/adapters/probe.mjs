// Run as a child process (a broken driver may crash it): prints what Dawn's adapter is, as JSON. With --compute it also
// runs one shader on it. Exit code 3: no adapter, 4: Dawn itself does not load; the reason is printed instead.
const NO_ADAPTER = 3;
const NO_DAWN = 4;

const WGSL = `@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(64) fn main(@builtin(local_invocation_index) i: u32) { out[i] = i * i; }`;

async function computes(adapter) {
  const device = await adapter.requestDevice();
  const [STORAGE, COPY_SRC, COPY_DST, MAP_READ] = [0x80, 0x4, 0x8, 0x1];
  const size = 256;
  const out = device.createBuffer({ size, usage: STORAGE | COPY_SRC });
  const copy = device.createBuffer({ size, usage: COPY_DST | MAP_READ });
  const compute = { module: device.createShaderModule({ code: WGSL }) };
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute });
  const entries = [{ binding: 0, resource: { buffer: out } }];
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(out, 0, copy, 0, size);
  device.queue.submit([encoder.finish()]);
  await copy.mapAsync(1);
  const right = new Uint32Array(copy.getMappedRange()).every((value, i) => value === i * i);
  device.destroy();
  return right;
}

async function probe() {
  let gpu;
  try {
    const { create } = await import('webgpu');
    // Dawn corrupts memory when this object is collected while a device lives.
    gpu = globalThis[Symbol.for('wgrad.setup.gpu')] = create([]);
  } catch (error) {
    return [NO_DAWN, error.message];
  }
  const adapter = await gpu.requestAdapter();
  if (!adapter) return [NO_ADAPTER, 'Dawn finds no adapter'];
  if (process.argv.includes('--compute') && !(await computes(adapter)))
    return [NO_ADAPTER, 'a test shader computes wrongly'];
  const { vendor, architecture, device, description, isFallbackAdapter, subgroupMinSize, subgroupMaxSize } =
    adapter.info;
  return [
    0,
    JSON.stringify({ vendor, architecture, device, description, isFallbackAdapter, subgroupMinSize, subgroupMaxSize }),
  ];
}

const [code, text] = await probe().catch((error) => [NO_ADAPTER, error.message]);
// Dawn may keep a process alive: end it, once the text is out.
process.stdout.write(text, () => process.exit(code));
