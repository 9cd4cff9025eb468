import type { Module } from '../nn';

/** Notes the mode of `model` and of each module below it; the function that it returns gives them back. */
export function rememberModes(model: Module): () => void {
  const modes: [Module, boolean][] = [];
  model.apply((module) => modes.push([module, module.training]));
  // apply() comes to a module after those below it, and train() switches all below.
  modes.reverse();
  return () => {
    for (const [module, training] of modes) if (module.training !== training) module.train(training);
  };
}

/** Runs `fn` (synchronous) with all of `model` in evaluation mode. */
export function inEvaluation<T>(model: Module, fn: () => T): T {
  const restore = rememberModes(model);
  model.eval();
  try {
    return fn();
  } finally {
    restore();
  }
}
