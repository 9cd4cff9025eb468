import { expose } from 'comlink';
import { Lab } from './lab';

const lab = new Lab();
Object.assign(globalThis, { lab });
expose(lab);
