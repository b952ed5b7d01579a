import { colourOfMany, type Palette } from '../../../charts/palette.ts';
import { figure } from '../../../format/numbers.ts';

export interface ColourGroup {
  readonly name: string;
  readonly colour: (palette: Palette) => string;
  /** Places of the runs that belong to it. */
  readonly members: readonly number[];
}

const MAX_CATEGORIES = 12;
const SHADES = 5;

/** Parts runs by what they hold: a colour a text, a shade a fifth of the numbers. */
export function colourGroups(values: readonly (number | string | null)[], name: string): readonly ColourGroup[] {
  const numbers = values.filter((value) => typeof value === 'number').sort((a, b) => a - b);
  const distinct = new Set(numbers);
  if (numbers.length > 0 && distinct.size > SHADES && values.every((value) => typeof value !== 'string')) {
    const edges = Array.from(
      { length: SHADES + 1 },
      (_, i) => numbers[Math.round((i * (numbers.length - 1)) / SHADES)] ?? 0,
    );
    const groups = Array.from({ length: SHADES }, (_, shade) => {
      const [low, high] = [edges[shade] ?? 0, edges[shade + 1] ?? 0];
      const members = values.flatMap((value, place) =>
        typeof value === 'number' && value >= low && (shade === SHADES - 1 ? value <= high : value < high)
          ? [place]
          : [],
      );
      return {
        name: `${name} ${figure(low)} to ${figure(high)}`,
        colour: ({ ramp }: Palette) => ramp[shade] ?? '',
        members,
      };
    });
    return [...groups, ...without(values, name)].filter(({ members }) => members.length > 0);
  }
  const texts = [...new Set(values.filter((value) => value !== null).map(String))];
  const counts = Map.groupBy(values.filter((value) => value !== null).map(String), (text) => text);
  const shown = texts
    .toSorted((a, b) => (counts.get(b)?.length ?? 0) - (counts.get(a)?.length ?? 0))
    .slice(0, MAX_CATEGORIES)
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const written = new Map(values.map((value) => [String(value), typeof value === 'number' ? figure(value) : value]));
  const groups = shown.map((text, index) => ({
    name: `${name} ${written.get(text)}`,
    colour: (palette: Palette) => colourOfMany(palette, index),
    members: values.flatMap((value, place) => (value !== null && String(value) === text ? [place] : [])),
  }));
  const others = values.flatMap((value, place) => (value !== null && !shown.includes(String(value)) ? [place] : []));
  const rest = { name: 'others', colour: ({ muted }: Palette) => muted, members: others };
  return [...groups, rest, ...without(values, name)].filter(({ members }) => members.length > 0);
}

function without(values: readonly (number | string | null)[], name: string): ColourGroup[] {
  const members = values.flatMap((value, place) => (value === null ? [place] : []));
  return [{ name: `without ${name}`, colour: ({ muted }) => muted, members }];
}
