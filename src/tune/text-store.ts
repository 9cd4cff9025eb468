/** Keeps texts by key from one run of a program to the next. */
export interface TextStore {
  /** `null` where nothing is kept. */
  read(key: string): Promise<string | null>;
  write(key: string, text: string): Promise<void>;
}
