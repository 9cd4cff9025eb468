import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Results } from './results';
import { short } from './tables';

const WIDTH = 860;
const LEFT = 330;
/** Room for the number behind the longest bar. */
const RIGHT = 60;
const TITLE = 30;
const FONT = 12;

/** Colours that can be seen on white and on GitHub's dark pages: the background is the page's own. */
const TEXT = '#768390';
const COLOURS = ['#2f81f7', '#7fb1fa', '#d1730a', '#2da44e'];

interface Bar {
  readonly group: string;
  readonly name: string;
  readonly value: number;
  /** In place of the number. */
  readonly note?: string;
}

interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
  readonly colours: ReadonlyMap<string, string>;
  /** Each group has a label of its own, in place of each bar. */
  readonly grouped: boolean;
  /** Where the axis ends; else at the longest bar. */
  readonly limit?: number;
}

const escape = (text: string): string => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const unique = (names: readonly string[]): string[] => [...new Set(names)];

const heightOf = ({ bars, grouped }: Panel): number => {
  const gaps = grouped ? unique(bars.map(({ group }) => group)).length * 9 : 0;
  return bars.length * (grouped ? 13 : 24) + gaps + 8;
};

/** The panel's marks, without Plot's own frame: its style sheet would fight with the others' in one file. */
function drawBars(panel: Panel): string {
  const { bars, colours, grouped, limit } = panel;
  const { document } = parseHTML('<html></html>');
  const place = { y: 'name', ...(grouped ? { fy: 'group' } : {}) } as const;
  const plot = Plot.plot({
    document,
    width: WIDTH,
    height: heightOf(panel),
    marginLeft: LEFT,
    marginRight: RIGHT,
    marginTop: 0,
    marginBottom: 0,
    x: { axis: null, domain: [0, limit ?? Math.max(...bars.map(({ value }) => value))] },
    y: { axis: grouped ? null : 'left', label: null, tickSize: 0, padding: 0.12, domain: [...colours.keys()] },
    ...(grouped ? { fy: { label: null, axis: 'left', padding: 0.15, domain: unique(bars.map((b) => b.group)) } } : {}),
    style: { fontSize: `${FONT}px` },
    marks: [
      Plot.barX(bars, { x: 'value', fill: (bar: Bar) => colours.get(bar.name), ...place }),
      Plot.text(bars, {
        x: 'value',
        text: (bar: Bar) => bar.note ?? short(bar.value),
        textAnchor: 'start',
        dx: 4,
        ...place,
      }),
      ...(limit ? [Plot.ruleX([limit], { stroke: TEXT, strokeDasharray: '3,3' })] : []),
    ],
  });
  plot.querySelector('style')?.remove();
  return plot.innerHTML;
}

/** Coloured words: which bar is whose. */
function legend({ colours }: Panel): string {
  return [...colours].map(([name, colour]) => `<tspan fill="${colour}" dx="14">■ ${escape(name)}</tspan>`).join('');
}

function drawPanel(panel: Panel, y: number): string {
  const key = panel.grouped ? legend(panel) : '';
  return (
    `<text x="8" y="${y + 18}" font-size="13"><tspan font-weight="600">${escape(panel.title)}</tspan>${key}</text>` +
    `<g transform="translate(0,${y + TITLE})" fill="${TEXT}" color="${TEXT}" text-anchor="middle">${drawBars(panel)}</g>`
  );
}

function colourOf(names: readonly string[], all: readonly string[]): Map<string, string> {
  return new Map(names.map((name) => [name, COLOURS[all.indexOf(name) % COLOURS.length]]));
}

function panelsOf({ steps, kernels, ceiling }: Results): Panel[] {
  const panels = (steps ?? []).map(({ batch, timings, leftOut }): Panel => {
    const bars = [
      ...timings.map(({ label, imagesPerSecond }) => ({ group: '', name: label, value: imagesPerSecond })),
      ...leftOut.map(({ label }) => ({ group: '', name: label, value: 0, note: 'not measured: too slow' })),
    ];
    const labels = bars.map(({ name }) => name);
    const title = `Training the MNIST CNN at batch ${batch}, images a second`;
    return { title, bars, colours: colourOf(labels, labels), grouped: false };
  });
  if (!kernels || kernels.length === 0) return panels;
  const bars = kernels.flatMap(({ title, part, timings }) =>
    timings.map(({ library, gflops }) => ({ group: `${title}, ${part}`, name: library, value: gflops })),
  );
  const libraries = unique(bars.map(({ name }) => name));
  // The colours of the steps: this library has two bars there, captured and eager.
  const all = [libraries[0], '', ...libraries.slice(1)];
  const limit = ceiling?.gflops;
  const title = `Kernels, GFLOP/s${limit ? ` (dashed: the adapter's own limit, ${short(limit)})` : ''}`;
  return [...panels, { title, bars, colours: colourOf(libraries, all), grouped: true, limit }];
}

/** The results as an SVG picture: images a second of the training step, and GFLOP/s of the kernels under the ceiling. */
export function drawChart(results: Results): string {
  const { adapter, date } = results;
  let y = 0;
  const parts = panelsOf(results).map((panel) => {
    const drawn = drawPanel(panel, y);
    y += TITLE + heightOf(panel) + 14;
    return drawn;
  });
  const from = `${adapter.description || adapter.device}, ${date.slice(0, 10)}`;
  const footer = `<text x="8" y="${y + 12}" font-size="11">${escape(from)}</text>`;
  const height = y + 24;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" ` +
    `font-family="system-ui, sans-serif" font-size="${FONT}" fill="${TEXT}" role="img">` +
    `<title>Speed of training and of kernels on ${escape(from)}</title>${parts.join('')}${footer}</svg>\n`
  );
}
