type Words<List extends string> = List extends `${infer First} ${infer Rest}` ? First | Words<Rest> : List;

/** A list of names, apart by spaces, of all options in `O` and no others: else a type that names the difference. */
type NamesOf<O, List extends string> = [Exclude<keyof O, Words<List>>, Exclude<Words<List>, keyof O>] extends [
  never,
  never,
]
  ? List
  : `differs in ${string & (Exclude<keyof O, Words<List>> | Exclude<Words<List>, keyof O>)}`;

/** What PyTorch, Keras and TensorFlow.js call some options, in small letters, each before its name here. */
const ELSEWHERE =
  'learningrate lr epsilon eps usebias bias strides stride dilationrate dilation kernelsize kernel '.split(' ');

const plain = (name: string): string => name.replace(/[_-]/g, '').toLowerCase();

/** How many letters to insert, remove or replace to make `b` of `a` (Levenshtein 1965). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) next.push(Math.min(next[j] + 1, row[j + 1] + 1, row[j] + Number(a[i] !== b[j])));
    row = next;
  }
  return row[b.length];
}

/** Which of `known` was meant by `key`, or undefined where none is near. */
function nearest(key: string, known: readonly string[]): string | undefined {
  const name = plain(key);
  const here = ELSEWHERE[ELSEWHERE.indexOf(name) + 1];
  const by = (option: string): number => (option === here ? 0 : distance(name, plain(option)));
  const [best] = [...known].sort((a, b) => by(a) - by(b));
  return by(best) <= Math.max(1, key.length / 3) ? best : undefined;
}

/**
 * Throws `TypeError` unless `options` is an object with no other options than those in `lists`, which hold names apart by spaces. The
 * message names the function `fn`, the unknown key and the nearest known one.
 */
export function checkOptions<O extends object, List extends string>(
  fn: string,
  options: O,
  ...lists: readonly (NamesOf<O, List> & List)[]
): void {
  const given: unknown = options;
  const kind =
    given === null || given === undefined ? String(given) : (given.constructor as { name: string } | undefined)?.name;
  if (kind !== undefined && kind !== 'Object') throw new TypeError(`${fn}: expected an object of options, got ${kind}`);
  const known = lists.join(' ');
  for (const key in options) {
    if (` ${known} `.includes(` ${key} `)) continue;
    const names = known.split(' ');
    const meant = nearest(key, names);
    throw new TypeError(
      `${fn}: unknown option '${key}', ${meant ? `did you mean '${meant}'?` : `expected one of ${names.join(', ')}`}`,
    );
  }
}
