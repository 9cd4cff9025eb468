import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FileError } from '../../src/device/file-error';
import {
  decodeSafetensors,
  encodeSafetensors,
  fromSafetensors,
  loadSafetensors,
  readSafetensorsMetadata,
  saveSafetensors,
  toSafetensors,
} from '../../src/serialize';
import type { Device } from '../../src/runtime/device';
import { arange, full, rand, tensor } from '../../src/tensor/create/create';
import { testDevice } from '../support/device';

let device: Device;
let root: string;
let folder: string;
let count = 0;
beforeAll(async () => {
  device = await testDevice();
  root = await mkdtemp(`${tmpdir()}/wgrad-`);
});
beforeEach(async () => {
  folder = `${root}/${count++}`;
  await mkdir(folder);
});
afterAll(() => rm(root, { recursive: true }));

const state = () => ({
  'conv.weight': rand([2, 3, 1, 1]),
  step: full([], 7, { dtype: 'int32' }),
  labels: tensor(new Uint32Array([1, 2 ** 32 - 1])),
});

describe('a round trip', () => {
  it('through a file keeps names, shapes, types and bits', async () => {
    const tensors = state();
    await saveSafetensors(`${folder}/model.safetensors`, tensors, { epoch: '3' });
    const loaded = await loadSafetensors(`${folder}/model.safetensors`);
    expect(Object.keys(loaded)).toEqual(Object.keys(tensors));
    for (const [name, expected] of Object.entries(tensors)) {
      expect(loaded[name].shape).toEqual(expected.shape);
      expect(loaded[name].dtype).toBe(expected.dtype);
      expect(await loaded[name].data()).toEqual(await expected.data());
    }
    const { metadata } = decodeSafetensors(await readFile(`${folder}/model.safetensors`), 'model');
    expect(metadata).toEqual({ epoch: '3' });
    expect(await readdir(folder)).toEqual(['model.safetensors']);
  });
  it('through bytes and through a Blob', async () => {
    const bytes = await toSafetensors({ x: arange(5) });
    expect(await fromSafetensors(bytes).x.data()).toEqual(new Float32Array([0, 1, 2, 3, 4]));
    const { x } = await loadSafetensors(new Blob([bytes as BlobPart]));
    expect(await x.data()).toEqual(new Float32Array([0, 1, 2, 3, 4]));
  });
  it('gives the values of the moment of the call', async () => {
    const x = arange(2);
    const saving = toSafetensors({ x });
    x.write(new Float32Array([8, 9]));
    expect(await fromSafetensors(await saving).x.data()).toEqual(new Float32Array([0, 1]));
  });
  it('makes tensors that nobody trains unless told', () => {
    const bytes = encodeSafetensors({ x: { dtype: 'float32', shape: [1], data: new Float32Array(1) } });
    expect(fromSafetensors(bytes).x.requiresGrad).toBe(false);
  });
});

describe('metadata', () => {
  const metadata = { epoch: '3', format: 'pt' };
  it('comes back from a file, a Blob and bytes, also where a tensor cannot be read', async () => {
    const path = `${folder}/model.safetensors`;
    await saveSafetensors(path, { x: arange(2) }, metadata);
    const bytes = await toSafetensors({ x: arange(2) }, metadata);
    for (const source of [path, bytes, new Blob([bytes as BlobPart])]) {
      expect(await readSafetensorsMetadata(source)).toEqual(metadata);
    }
    expect(await readSafetensorsMetadata(await toSafetensors({}))).toEqual({});
    await expect(readSafetensorsMetadata(new Uint8Array(3))).rejects.toThrow(FileError);
  });
});

describe('saving', () => {
  const path = () => `${folder}/model.safetensors`;
  it('replaces the file that was there', async () => {
    await saveSafetensors(path(), { x: arange(2) });
    await saveSafetensors(path(), { x: arange(3) });
    expect((await loadSafetensors(path())).x.shape).toEqual([3]);
    expect(await readdir(folder)).toEqual(['model.safetensors']);
  });
  it('several times at once leaves one complete file', async () => {
    await Promise.all([2, 3, 4, 5].map((n) => saveSafetensors(path(), { x: arange(n) })));
    expect((await loadSafetensors(path())).x.size).toBeGreaterThanOrEqual(2);
    expect(await readdir(folder)).toEqual(['model.safetensors']);
  });
  it('leaves the old file when a tensor cannot be read', async () => {
    await saveSafetensors(path(), { x: arange(2) });
    const freed = arange(3);
    freed.dispose();
    await expect(saveSafetensors(path(), { x: freed })).rejects.toThrow('a freed tensor of shape [3]');
    expect((await loadSafetensors(path())).x.shape).toEqual([2]);
    expect(await readdir(folder)).toEqual(['model.safetensors']);
  });
  it('leaves what is in the way, and no litter, when the file cannot be put in its place', async () => {
    // A folder of that name: the draft can be written but not renamed.
    await mkdir(`${path()}/inside`, { recursive: true });
    await expect(saveSafetensors(path(), { x: arange(2) })).rejects.toThrow(`cannot write ${path()}: `);
    expect(await readdir(folder)).toEqual(['model.safetensors']);
    expect(await readdir(path())).toEqual(['inside']);
  });
  it.each([
    ['is missing', 'missing'],
    ['is a file', 'file'],
  ])('names the path when its folder %s', async (_, name) => {
    await writeFile(`${folder}/file`, 'x');
    const target = `${folder}/${name}/model.safetensors`;
    await expect(saveSafetensors(target, { x: arange(2) })).rejects.toThrow(`cannot write ${target}: E`);
    expect(await readdir(folder)).toEqual(['file']);
  });
});

describe('loading', () => {
  it('names a file that is not there', async () => {
    await expect(loadSafetensors(`${folder}/none.safetensors`)).rejects.toThrow(
      `cannot read ${folder}/none.safetensors: ENOENT`,
    );
  });
  it.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['is cut off', (bytes) => bytes.subarray(0, bytes.length - 3)],
    ['is empty', () => new Uint8Array()],
    ['is something else', () => new TextEncoder().encode('{"not": "this format"}')],
    [
      'is damaged in its header',
      (bytes) => {
        bytes[9] = 0;
        return bytes;
      },
    ],
  ])('names a file that %s, in one line', async (_, damage) => {
    const path = `${folder}/bad.safetensors`;
    await writeFile(path, damage(await toSafetensors(state())));
    const message = await loadSafetensors(path).then(
      () => 'no error',
      (error: unknown) => String(error),
    );
    expect(message.startsWith(`FileError: ${path}: `), message).toBe(true);
    expect(message).not.toContain('\n');
  });
  it('takes only the tensors that are asked for, and gives memory back where one of them cannot be read', async () => {
    const bytes = encodeSafetensors({
      x: { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) },
      empty: { dtype: 'float32', shape: [0], data: new Float32Array() },
    });
    const { used } = device.memory;
    expect(() => fromSafetensors(bytes)).toThrow(
      new FileError('safetensors: tensor "empty": shape [0] has no elements'),
    );
    expect(device.memory.used).toBe(used);
    const loaded = await loadSafetensors(new Blob([bytes as BlobPart]), { names: ['x'] });
    expect(Object.keys(loaded)).toEqual(['x']);
    expect(await loaded.x.data()).toEqual(Float32Array.of(1, 2));
  });
  it('names the tensor that has no elements', () => {
    const bytes = encodeSafetensors({ 'fc.bias': { dtype: 'float32', shape: [0], data: new Float32Array() } });
    expect(() => fromSafetensors(bytes, { name: 'model' })).toThrow(
      'model: tensor "fc.bias": shape [0] has no elements',
    );
  });
});
