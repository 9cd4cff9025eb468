import { checkCounts, classNames, type ClassificationReport, type Scores } from './report';

/** Rows of cells as text: the first column flush left, the others flush right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
  return lines.join('\n');
}

/**
 * The counts of a confusion matrix `[classes, classes]` as a table, a row for each label and a column for each prediction.
 * Throws `RangeError` unless there are classes² counts and, where given, a name for each class.
 */
export function formatConfusionMatrix(counts: ArrayLike<number>, classes: number, names?: readonly string[]): string {
  const op = 'formatConfusionMatrix';
  checkCounts(op, counts, classes);
  const labels = classNames(op, classes, names);
  const cells = Array.from(counts, String);
  return table([
    ['label \\ predicted', ...labels],
    ...labels.map((label, i) => [label, ...cells.slice(i * classes, (i + 1) * classes)]),
  ]);
}

/**
 * A classification report as a table, as scikit-learn prints it, with four digits.
 * Throws `RangeError` unless there is, where given, a name for each class.
 */
export function formatClassificationReport(report: ClassificationReport, names?: readonly string[]): string {
  const labels = classNames('formatClassificationReport', report.classes.length, names);
  const cells = ({ precision, recall, f1, support }: Scores) => [
    ...[precision, recall, f1].map((x) => x.toFixed(4)),
    String(support),
  ];
  const blank = ['', '', '', '', ''];
  return table([
    ['', 'precision', 'recall', 'f1', 'support'],
    blank,
    ...report.classes.map((scores, i) => [labels[i], ...cells(scores)]),
    blank,
    ['accuracy', '', '', report.accuracy.toFixed(4), String(report.macro.support)],
    ['macro avg', ...cells(report.macro)],
    ['weighted avg', ...cells(report.weighted)],
  ]);
}
