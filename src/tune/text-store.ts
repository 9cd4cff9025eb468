/** Stores texts by key, from one run of a program to the next. */
export interface TextStore {
  /** `null` if nothing is stored. */
  read(key: string): Promise<string | null>;
  write(key: string, text: string): Promise<void>;
}
