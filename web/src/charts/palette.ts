/** Series colours that stay apart for the colour-blind, for light and for dark surfaces (after Okabe and Ito, 2008). */
export interface Palette {
  readonly series: readonly string[];
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly surface: string;
  readonly band: string;
  readonly ok: string;
  readonly warning: string;
  readonly failed: string;
  readonly info: string;
  /** From nothing to the most that is still fine, for heat maps. */
  readonly calm: readonly string[];
  /** From little to much, in one hue. */
  readonly ramp: readonly string[];
  /** From just too much to far too much. */
  readonly alarm: readonly string[];
}

const LIGHT: Palette = {
  series: ['#126b89', '#c8701a', '#5b4ea3', '#2f8f5b', '#b33a6b', '#7a6a1f', '#4a7fd1', '#6b7280'],
  text: '#1b222c',
  muted: '#586373',
  line: '#e0e4ea',
  surface: '#ffffff',
  band: 'rgba(18, 107, 137, 0.13)',
  ok: '#1d7a4c',
  warning: '#c58512',
  failed: '#c0392f',
  info: '#3a5fae',
  calm: ['#eef3f5', '#d3e6ee', '#a6cddd'],
  ramp: ['#9cc7d8', '#5fa5c0', '#2d7f9f', '#126b89', '#073848'],
  alarm: ['#e0762f', '#b3261e'],
};

const DARK: Palette = {
  series: ['#66b9d6', '#e8a15a', '#a99bf0', '#6fc99a', '#ef86b0', '#d2bd5f', '#8fb0f5', '#9aa3af'],
  text: '#dfe4eb',
  muted: '#97a2b1',
  line: '#2a323e',
  surface: '#181d25',
  band: 'rgba(102, 185, 214, 0.16)',
  ok: '#63c394',
  warning: '#e3ad4d',
  failed: '#f0857c',
  info: '#8fb0f5',
  calm: ['#202733', '#213a48', '#24546a'],
  ramp: ['#2f6680', '#3f88a6', '#5fafcb', '#9bd3e6', '#e6f4f9'],
  alarm: ['#d4813d', '#f0857c'],
};

export function paletteOf(scheme: 'light' | 'dark'): Palette {
  return scheme === 'dark' ? DARK : LIGHT;
}

const GOLDEN_ANGLE = 137.508;

/** The colour of one of many: those of the palette first, then hues that lie far apart. */
export function colourOfMany({ series, text }: Palette, index: number): string {
  const own = series[index];
  if (own !== undefined) return own;
  const isDark = text === DARK.text;
  return `hsl(${Math.round((index * GOLDEN_ANGLE) % 360)} 55% ${isDark ? 68 : 42}%)`;
}
