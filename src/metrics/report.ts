/** How well one class, or an average of them, was predicted. */
export interface Scores {
  /** Fraction of the examples predicted as the class that are of it; 0 where none was predicted. */
  readonly precision: number;
  /** Fraction of the examples of the class that were predicted as it; 0 where there is none. */
  readonly recall: number;
  /** Harmonic mean of both; 0 where both are 0. */
  readonly f1: number;
  /** Examples of the class. */
  readonly support: number;
}

/** Scores of each class, in order, and their averages. Made by `classificationReport()`. */
export interface ClassificationReport {
  readonly classes: readonly Scores[];
  /** Fraction of all examples that were predicted correctly. */
  readonly accuracy: number;
  /** Mean over all classes. */
  readonly macro: Scores;
  /** Mean over all classes, each weighted by its support. */
  readonly weighted: Scores;
}

const ratio = (a: number, b: number): number => (b === 0 ? 0 : a / b);

export function checkCounts(op: string, counts: ArrayLike<number>, classes: number): void {
  if (Number.isSafeInteger(classes) && classes >= 1 && counts.length === classes * classes) return;
  throw new RangeError(`${op}: ${counts.length} counts do not make a matrix of ${classes} times ${classes} classes`);
}

/** The names of the classes, default their numbers. Throws `RangeError` when there are too many or too few. */
export function classNames(op: string, classes: number, names?: readonly string[]): readonly string[] {
  if (names && names.length !== classes) throw new RangeError(`${op}: ${names.length} names for ${classes} classes`);
  return names ?? Array.from({ length: classes }, (_, i) => String(i));
}

function average(scores: readonly Scores[], weights: readonly number[], support: number): Scores {
  const total = weights.reduce((a, b) => a + b, 0);
  const mean = (key: 'precision' | 'recall' | 'f1') =>
    ratio(
      scores.reduce((sum, score, i) => sum + weights[i] * score[key], 0),
      total,
    );
  return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1'), support };
}

/**
 * Precision, recall and F1 of each class and their averages from the counts of a confusion matrix `[classes, classes]` (rows:
 * labels, columns: predictions). Throws `RangeError` unless there are classes² counts.
 */
export function classificationReport(counts: ArrayLike<number>, classes: number): ClassificationReport {
  checkCounts('classificationReport', counts, classes);
  const each = Array.from({ length: classes }, (_, i) => i);
  const sum = (at: (k: number) => number) => each.reduce((total, k) => total + counts[at(k)], 0);
  const scores = each.map((i): Scores => {
    const hits = counts[i * classes + i];
    const support = sum((k) => i * classes + k);
    const guessed = sum((k) => k * classes + i);
    const [precision, recall] = [ratio(hits, guessed), ratio(hits, support)];
    // 2·hits / (guessed + support) is the harmonic mean of both, rounded once.
    return { precision, recall, f1: ratio(2 * hits, guessed + support), support };
  });
  const supports = scores.map(({ support }) => support);
  const total = supports.reduce((a, b) => a + b, 0);
  return {
    classes: scores,
    accuracy: ratio(
      sum((k) => k * classes + k),
      total,
    ),
    macro: average(
      scores,
      each.map(() => 1),
      total,
    ),
    weighted: average(scores, supports, total),
  };
}
