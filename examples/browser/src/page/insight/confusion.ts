import { effect } from '@preact/signals-core';
import { byId, setText } from '../dom';
import { percent, thousands } from '../format';
import { look } from '../state';

const DIGITS = Array.from({ length: 10 }, (_, digit) => digit);

function heading(text: string, scope: 'col' | 'row'): HTMLTableCellElement {
  const cell = document.createElement('th');
  cell.scope = scope;
  cell.textContent = text;
  return cell;
}

/** Builds the table once; returns its 100 cells, row by row. */
function build(table: HTMLTableElement): HTMLTableCellElement[] {
  const head = table.createTHead().insertRow();
  head.append(document.createElement('td'), ...DIGITS.map((digit) => heading(String(digit), 'col')));
  const body = table.createTBody();
  return DIGITS.flatMap((digit) => {
    const row = body.insertRow();
    row.append(heading(String(digit), 'row'));
    return DIGITS.map((answer) => {
      const cell = row.insertCell();
      cell.classList.toggle('right', answer === digit);
      return cell;
    });
  });
}

/**
 * How much colour a fraction gets. Mistakes are few, so even one is visible; the step in the middle avoids the tones on which
 * neither dark nor light figures have a contrast of 4.5.
 */
function tone(share: number): number {
  if (share === 0) return 0;
  return share > 0.5 ? 0.85 + 0.3 * (share - 0.5) : 0.1 + 0.7 * share;
}

/** The confusion matrix as a table, coloured by fraction. */
export function confusionView(): void {
  const cells = build(byId('confusion', HTMLTableElement));
  const note = byId('confusion-note', HTMLElement);
  effect(() => {
    const assessment = look.value?.assessment;
    cells.forEach((cell, i) => {
      const count = assessment?.confusion[i] ?? 0;
      const start = i - (i % 10);
      const ofDigit = assessment?.confusion.slice(start, start + 10).reduce((a, b) => a + b) ?? 0;
      const share = ofDigit > 0 ? count / ofDigit : 0;
      setText(cell, count > 0 ? String(count) : '');
      cell.style.setProperty('--share', percent(tone(share), 0));
      cell.classList.toggle('strong', share > 0.5);
    });
    setText(
      note,
      assessment
        ? `${thousands(assessment.count)} test images; rows: the digit, columns: the answer`
        : 'rows: the digit, columns: the answer',
    );
  });
}
