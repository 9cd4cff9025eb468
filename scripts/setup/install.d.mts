/** Runs `npm ci` in `root` unless node_modules already holds what package-lock.json asks for. */
export function installDependencies(root: string): Promise<void>;
