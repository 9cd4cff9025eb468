import { effect } from '@preact/signals-core';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { byId, setText } from '../dom';
import { percent, short } from '../format';
import { moments, type Moment } from './history';

interface Line {
  name: string;
  of: keyof Moment;
  /** The custom property with its colour. */
  color: string;
  /** Single measurements, drawn as dots. */
  dots?: boolean;
}

interface ChartOptions {
  id: string;
  lines: readonly Line[];
  format: (value: number) => string;
  range: (low: number, high: number) => [number, number];
}

const CHARTS: readonly ChartOptions[] = [
  {
    id: 'loss',
    lines: [
      { name: 'training', of: 'loss', color: '--warm' },
      { name: 'held out', of: 'heldLoss', color: '--cold', dots: true },
    ],
    format: short,
    range: (_, high) => [0, Math.max(0.1, high * 1.05)],
  },
  {
    id: 'accuracy',
    lines: [
      { name: 'training', of: 'accuracy', color: '--warm' },
      { name: 'held out', of: 'heldAccuracy', color: '--cold', dots: true },
    ],
    format: (share) => percent(share, 0),
    range: (low) => [Math.max(0, Math.floor(low * 10 - 0.5) / 10), 1],
  },
  {
    id: 'lr',
    lines: [{ name: 'Adam', of: 'lr', color: '--warm' }],
    format: short,
    range: (_, high) => [0, high * 1.15],
  },
];

const css = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function plotOptions({ lines, format, range }: ChartOptions, width: number, height: number): uPlot.Options {
  const font = `11px ${css('--sans')}`;
  const axis = { stroke: css('--muted'), font, ticks: { show: false }, grid: { stroke: css('--line'), width: 1 } };
  return {
    width,
    height,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: {
      x: { time: false, range: (_, low, high) => [low, Math.max(high, low + 1)] },
      y: { range: (_, low, high) => range(Number.isFinite(low) ? low : 0, Number.isFinite(high) ? high : 1) },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 24, gap: 4 },
      { ...axis, size: 52, gap: 6, space: 28, values: (_, values) => values.map(format) },
    ],
    series: [
      {},
      ...lines.map(({ name, color, dots }): uPlot.Series => {
        const stroke = css(color);
        return dots
          ? {
              label: name,
              stroke,
              width: 1.5,
              dash: [3, 4],
              spanGaps: true,
              points: { show: true, size: 6, fill: stroke },
            }
          : { label: name, stroke, width: 2, spanGaps: true, points: { show: false } };
      }),
    ],
  };
}

const column = (all: readonly Moment[], of: keyof Moment): (number | null)[] => all.map((moment) => moment[of] ?? null);

const latest = (all: readonly Moment[], of: keyof Moment): number | undefined =>
  [...all].reverse().find((moment) => moment[of] !== undefined)?.[of];

/** One chart, with its key above it as text. */
function chart(options: ChartOptions): void {
  const host = byId(`${options.id}-chart`, HTMLDivElement);
  const key = byId(`${options.id}-key`, HTMLElement);
  const entries = options.lines.map(({ name, color, dots }) => {
    const entry = document.createElement('span');
    entry.style.setProperty('--key', `var(${color})`);
    entry.classList.toggle('dots', dots === true);
    key.append(entry, ' ');
    return { entry, name };
  });
  const data = (): uPlot.AlignedData => {
    const known = moments.peek();
    // Without any data uPlot would leave its axes out.
    const all = known.length > 0 ? known : [{ step: 0 }, { step: 1 }];
    return [all.map(({ step }) => step), ...options.lines.map(({ of }) => column(all, of))];
  };
  let plot: uPlot | null = null;
  const rebuild = () => {
    plot?.destroy();
    plot = new uPlot(plotOptions(options, host.clientWidth, host.clientHeight), data(), host);
  };
  rebuild();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', rebuild);
  new ResizeObserver(() => plot?.setSize({ width: host.clientWidth, height: host.clientHeight })).observe(host);

  let frame = 0;
  effect(() => {
    const all = moments.value;
    options.lines.forEach(({ of }, i) => {
      const value = latest(all, of);
      const { entry, name } = entries[i];
      setText(
        entry,
        value === undefined ? name : `${name} ${of.toLowerCase().includes('acc') ? percent(value) : short(value)}`,
      );
    });
    // A hidden page draws no frames: the chart is brought up to date when it is seen again.
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => plot?.setData(data()));
  });
}

/** Loss, accuracy and learning rate as they come. */
export function charts(): void {
  for (const options of CHARTS) chart(options);
}
