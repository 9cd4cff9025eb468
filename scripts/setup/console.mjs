/** A failure that a person can act on: printed as it is, without a stack trace. */
export class SetupError extends Error {}

/** Setup talks on stderr, so that the command's stdout stays its own. */
export function say(line) {
  process.stderr.write(`wgrad: ${line}\n`);
}

/** Replaces the home folder by `~`: shorter, and safe to paste into an issue. */
export function tidyPath(path, home = process.env.HOME) {
  return home && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
