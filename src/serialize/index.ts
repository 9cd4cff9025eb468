export { decodeSafetensors, encodeSafetensors, type HostTensor } from './safetensors';
export { fromSafetensors, loadSafetensors, saveSafetensors, toSafetensors, type StateDict } from './state';
