/**
 * The first key that some object in `json` holds twice, or undefined. `JSON.parse` keeps the last of two and says nothing.
 * `json` must be valid JSON: only keys, strings and brackets are looked at.
 */
export function duplicateKey(json: string): string | undefined {
  // One entry per open bracket: the keys so far of an object, undefined for an array.
  const open: (Set<string> | undefined)[] = [];
  let keyNext = false;
  for (let i = 0; i < json.length; i++) {
    switch (json[i]) {
      case '{':
        open.push(new Set());
        keyNext = true;
        break;
      case '[':
        open.push(undefined);
        keyNext = false;
        break;
      case '}':
      case ']':
        open.pop();
        keyNext = false;
        break;
      case ',':
        keyNext = open.at(-1) !== undefined;
        break;
      case '"': {
        const end = endOfString(json, i);
        const keys = open.at(-1);
        if (keyNext && keys) {
          const key = JSON.parse(json.slice(i, end + 1)) as string;
          if (keys.has(key)) return key;
          keys.add(key);
        }
        keyNext = false;
        i = end;
        break;
      }
    }
  }
  return undefined;
}

/** Index of the closing quote of the string that opens at `start`. */
function endOfString(json: string, start: number): number {
  let i = start + 1;
  while (json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
  return i;
}
