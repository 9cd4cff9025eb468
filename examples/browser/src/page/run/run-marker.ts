const KEY = 'wgrad-run';

interface Marker {
  epoch: number;
  epochs: number;
}

/** Notes that a run is under way, so that the next visit can tell when it was cut off. */
export function markRun(marker: Marker): void {
  write(JSON.stringify(marker));
}

export function unmarkRun(): void {
  write(null);
}

/** The run that the last visit left behind, once. */
export function cutOffRun(): Marker | null {
  try {
    const text = localStorage.getItem(KEY);
    unmarkRun();
    return text === null ? null : (JSON.parse(text) as Marker);
  } catch {
    return null;
  }
}

function write(text: string | null): void {
  try {
    if (text === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, text);
  } catch {
    // A browser that keeps nothing: then nothing is told.
  }
}
