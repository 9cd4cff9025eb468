import { describe, expect, it } from 'vitest';
import { classificationReport, formatClassificationReport, formatConfusionMatrix } from '../../src/metrics';

// Two of three cats found, one dog taken for a cat, no bird ever predicted.
const COUNTS = [2, 1, 0, 1, 4, 0, 0, 2, 0];
const NAMES = ['cat', 'dog', 'bird'];

describe('classificationReport', () => {
  it('has the scores of each class and their averages', () => {
    const { classes, accuracy, macro, weighted } = classificationReport(COUNTS, 3);
    expect(classes[0]).toEqual({ precision: 2 / 3, recall: 2 / 3, f1: 2 / 3, support: 3 });
    expect(classes[1]).toEqual({ precision: 4 / 7, recall: 4 / 5, f1: 8 / 12, support: 5 });
    expect(classes[2]).toEqual({ precision: 0, recall: 0, f1: 0, support: 2 });
    expect(accuracy).toBe(0.6);
    expect(macro.precision).toBeCloseTo((2 / 3 + 4 / 7) / 3, 12);
    expect(macro.recall).toBeCloseTo((2 / 3 + 4 / 5) / 3, 12);
    expect(macro.f1).toBeCloseTo((2 / 3 + 2 / 3) / 3, 12);
    expect(weighted.precision).toBeCloseTo((3 * (2 / 3) + 5 * (4 / 7)) / 10, 12);
    expect(weighted.recall).toBeCloseTo(accuracy, 12);
    expect(weighted.f1).toBeCloseTo((8 * (2 / 3)) / 10, 12);
    expect([macro.support, weighted.support]).toEqual([10, 10]);
  });
  it('takes counts as they come from the GPU, and none at all', () => {
    expect(classificationReport(Int32Array.from(COUNTS), 3)).toEqual(classificationReport(COUNTS, 3));
    const none = { precision: 0, recall: 0, f1: 0, support: 0 };
    expect(classificationReport([0], 1)).toEqual({ classes: [none], accuracy: 0, macro: none, weighted: none });
  });
  it('refuses counts that are no square', () => {
    expect(() => classificationReport([1, 2, 3], 2)).toThrow(
      'classificationReport: 3 counts do not make a matrix of 2 times 2 classes',
    );
  });
});

describe('tables', () => {
  it('formatConfusionMatrix', () => {
    expect(formatConfusionMatrix(COUNTS, 3, NAMES)).toBe(
      [
        'label \\ predicted  cat  dog  bird', //
        'cat                  2    1     0',
        'dog                  1    4     0',
        'bird                 0    2     0',
      ].join('\n'),
    );
    expect(formatConfusionMatrix([100, 2, 3, 4], 2)).toBe(
      ['label \\ predicted    0  1', '0                  100  2', '1                    3  4'].join('\n'),
    );
  });
  it('formatClassificationReport', () => {
    expect(formatClassificationReport(classificationReport(COUNTS, 3), NAMES)).toBe(
      [
        '              precision  recall      f1  support',
        '',
        'cat              0.6667  0.6667  0.6667        3',
        'dog              0.5714  0.8000  0.6667        5',
        'bird             0.0000  0.0000  0.0000        2',
        '',
        'accuracy                         0.6000       10',
        'macro avg        0.4127  0.4889  0.4444       10',
        'weighted avg     0.4857  0.6000  0.5333       10',
      ].join('\n'),
    );
  });
  it('refuse another number of names', () => {
    expect(() => formatConfusionMatrix(COUNTS, 3, ['a'])).toThrow('formatConfusionMatrix: 1 names for 3 classes');
    expect(() => formatClassificationReport(classificationReport(COUNTS, 3), ['a'])).toThrow('1 names for 3 classes');
  });
});
