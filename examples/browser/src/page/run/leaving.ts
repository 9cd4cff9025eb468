import { progress, running, status } from '../state';

/** Asks before a run is lost with its tab, and says what happened while the page was hidden. */
export function leaving(): void {
  window.addEventListener('beforeunload', (event) => {
    if (running.value) event.preventDefault();
  });
  let hiddenAt: number | null = null;
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      hiddenAt = running.value ? (progress.value?.step ?? 0) : null;
    } else if (hiddenAt !== null) {
      const steps = (progress.value?.step ?? 0) - hiddenAt;
      const still = running.value ? 'The training goes on' : 'The training has ended';
      status.value = `${still}: ${steps} steps were done while the page was hidden`;
      hiddenAt = null;
    }
  });
}
