import { inNode } from '../device/in-node';
import type { TextStore } from './text-store';

const TABLE = 'tune';

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error('IndexedDB failed without a reason'));
    };
  });

async function inDatabase<T>(mode: IDBTransactionMode, ask: (table: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opening = indexedDB.open('wgrad', 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore(TABLE);
  };
  const database = await done(opening);
  try {
    return await done(ask(database.transaction(TABLE, mode).objectStore(TABLE)));
  } finally {
    database.close();
  }
}

/** IndexedDB of the page's origin (browsers). */
const pageStore: TextStore = {
  read: async (key) => {
    const text = await inDatabase<unknown>('readonly', (table) => table.get(key));
    return typeof text === 'string' ? text : null;
  },
  write: async (key, text) => {
    await inDatabase('readwrite', (table) => table.put(text, key));
  },
};

/** The persistent store of this program, or `null` if it has none. */
export async function textStore(): Promise<TextStore | null> {
  if (inNode()) return (await import('./file-store.lazy')).fileStore;
  return typeof indexedDB === 'undefined' ? null : pageStore;
}
