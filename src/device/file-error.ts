/** A file cannot be read or written, or does not hold what its format promises. The message is one line that names the file. */
export class FileError extends Error {
  override readonly name = 'FileError';
}
