const KEY = 'wgrad-run';

interface Marker {
  epoch: number;
  epochs: number;
}

/** Notes that a run is in progress, so that the next visit can say when it was cut off. */
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
    // A browser that stores nothing: then nothing is said.
  }
}
