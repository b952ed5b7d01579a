const COUNT = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** Making one takes far longer than writing a number with it, and tables write thousands. */
const BY_DIGITS = Array.from(
  { length: 9 },
  (_, digits) =>
    new Intl.NumberFormat('en', { minimumFractionDigits: Math.min(digits, 1), maximumFractionDigits: digits }),
);

/** A whole number with thousands separated: `3,000,000`. */
export function count(value: number): string {
  return COUNT.format(value);
}

/** A count with its noun, in the singular for one: `1 row`, `1,204 rows`. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`;
}

/**
 * A measured figure to four significant digits: `0.6731`, `12.5`, `1.200e-9`, and `NaN`, `∞` as they are.
 * Whole numbers keep all their digits.
 */
export function figure(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return count(value).replace('-', '−');
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e9) return value.toExponential(3).replace('-', '−');
  const digits = Math.max(0, Math.min(8, 3 - Math.floor(Math.log10(size))));
  return (BY_DIGITS[digits] ?? COUNT).format(value).replace('-', '−');
}

/** A mark on an axis that shows so much of a range: with as many digits as tell it from the next. */
export function axisFigure(value: number, range: number): string {
  const size = Math.abs(value);
  const isTold = Number.isInteger(value) || size < 1000 * range || !(range > 0);
  if (isTold || size >= 1e9) return figure(value);
  const digits = Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(range))));
  return (BY_DIGITS[digits] ?? COUNT).format(value).replace('-', '−');
}

/** A share of one as a percentage: `20.4 %`. */
export function percent(share: number, digits = 1): string {
  if (!Number.isFinite(share)) return 'n/a';
  const text = (share * 100).toFixed(digits);
  return `${text.replace('-', '−')} %`;
}

/** A size in binary units: `914 B`, `1.4 KiB`, `23 MiB`. */
export function bytes(sizeBytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = sizeBytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : Number(value.toPrecision(2 + Number(value >= 10)))} ${units[unit]}`;
}

/** A p-value: `0.031`, and `< 0.0001` where more digits say nothing. */
export function pValue(value: number): string {
  return value < 1e-4 ? '< 0.0001' : Number(value.toPrecision(2)).toString();
}
