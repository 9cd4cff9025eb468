import { capture } from '../exec.mjs';

/** npm hands its own command-line options to scripts as npm_config_*; these would change what a nested npm does. */
const NOT_FOR_NESTED =
  /^npm_config_(also|dev|dry_run|force|global|global_prefix|if_present|ignore_scripts|include|include_workspace_root|install_strategy|json|local_prefix|location|loglevel|omit|only|optional|package_lock|package_lock_only|prefix|production|save.*|silent|script_shell|workspaces?)$/i;

/** The environment for an npm started inside an npm script. Registry, proxy, cache and keys stay as they are. */
export function npmEnvironment(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !NOT_FOR_NESTED.test(name) && name !== 'NODE_ENV'));
}

/** Runs npm and resolves as `capture` does. */
export function npm(args, options = {}) {
  const own = process.env.npm_execpath ?? '';
  const env = npmEnvironment(process.env);
  return /npm-cli\.js$/.test(own)
    ? capture(process.execPath, [own, ...args], { env, ...options })
    : capture('npm', args, { env, shell: process.platform === 'win32', ...options });
}
