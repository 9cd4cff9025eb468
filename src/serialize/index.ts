export { decodeSafetensors, type NameFilter } from './decode';
export { encodeSafetensors } from './encode';
export type { HostTensor } from './host-tensor';
export {
  fromSafetensors,
  loadSafetensors,
  readSafetensorsMetadata,
  saveSafetensors,
  toSafetensors,
  type FromSafetensorsOptions,
  type LoadOptions,
} from './state';
