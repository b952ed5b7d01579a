import { logGamma } from './special.ts';

/** Chance of a Kolmogorov variate above x: the limit of √n·D. */
export function kolmogorovTail(x: number): number {
  if (x <= 0) return 1;
  if (x < 1) {
    // The dual series converges faster near zero.
    let sum = 0;
    for (let k = 1; k <= 20; k++) sum += Math.exp((-((2 * k - 1) ** 2) * Math.PI ** 2) / (8 * x * x));
    return 1 - (Math.sqrt(2 * Math.PI) / x) * sum;
  }
  let sum = 0;
  for (let k = 1; k <= 20; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x);
  return sum;
}

/**
 * Chance that the largest gap D of an empirical distribution of n values from its own distribution is at least d.
 *
 * By regime, as Simard and L'Ecuyer (2011) advise: far out twice the one-sided chance, whose neglected overlap is of
 * relative size exp(-6nd²); near the middle the matrix of Marsaglia, Tsang and Wang (2003) while it is small, else the
 * expansion of Pelz and Good (1976), whose error falls as n^-2.5.
 */
export function kolmogorovSmirnovTail(d: number, n: number): number {
  if (d <= 1 / (2 * n)) return 1;
  if (d >= 1) return 0;
  const spread = n * d * d;
  if (spread > 4 || d >= 0.5) return Math.min(1, 2 * oneSidedTail(d, n));
  return n * d < 25 ? 1 - marsaglia(d, n) : 1 - pelzGood(d, n);
}

/** Smirnov's exact chance that the one-sided gap is at least d (Birnbaum and Tingey, 1951), all terms positive. */
function oneSidedTail(d: number, n: number): number {
  let sum = 0;
  const last = Math.floor(n * (1 - d));
  for (let j = 0; j <= last; j++) {
    const low = d + j / n;
    const rest = 1 - low;
    const choose = logGamma(n + 1) - logGamma(j + 1) - logGamma(n - j + 1);
    if (rest <= 0) continue;
    sum += Math.exp(choose + (n - j) * Math.log(rest) + (j - 1) * Math.log(low));
  }
  return d * sum;
}

function marsaglia(d: number, n: number): number {
  const k = Math.ceil(n * d);
  const size = 2 * k - 1;
  const h = k - n * d;
  let matrix = Float64Array.from({ length: size * size }, (_, at) =>
    Math.floor(at / size) - (at % size) + 1 < 0 ? 0 : 1,
  );
  const at = (row: number, column: number) => row * size + column;
  const lower = (i: number, by: number) => {
    matrix[i] = (matrix[i] ?? 0) - by;
  };
  for (let i = 0; i < size; i++) {
    lower(at(i, 0), h ** (i + 1));
    lower(at(size - 1, i), h ** (size - i));
  }
  if (2 * h - 1 > 0) lower(at(size - 1, 0), -((2 * h - 1) ** size));
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      for (let g = 1; g <= i - j + 1; g++) matrix[at(i, j)] = (matrix[at(i, j)] ?? 0) / g;
    }
  }
  // The n-th power, its scale kept apart so that nothing overflows.
  let result: Float64Array<ArrayBuffer> = Float64Array.from({ length: size * size }, (_, i) =>
    i % (size + 1) === 0 ? 1 : 0,
  );
  let exponent = 0;
  let matrixExponent = 0;
  for (let power = n; power > 0; power = Math.floor(power / 2)) {
    if (power % 2 === 1) {
      result = product(result, matrix, size);
      exponent += matrixExponent;
    }
    matrix = product(matrix, matrix, size);
    matrixExponent *= 2;
    if ((matrix[at(k - 1, k - 1)] ?? 0) > 1e140) {
      matrix = matrix.map((value) => value * 1e-140);
      matrixExponent += 140;
    }
    if ((result[at(k - 1, k - 1)] ?? 0) > 1e140) {
      result = result.map((value) => value * 1e-140);
      exponent += 140;
    }
  }
  const middle = result[at(k - 1, k - 1)] ?? 0;
  return Math.exp(Math.log(middle) + exponent * Math.LN10 + logGamma(n + 1) - n * Math.log(n));
}

function product(a: Float64Array, b: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const result = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const factor = a[i * size + k] ?? 0;
      if (factor === 0) continue;
      for (let j = 0; j < size; j++) {
        result[i * size + j] = (result[i * size + j] ?? 0) + factor * (b[k * size + j] ?? 0);
      }
    }
  }
  return result;
}

function pelzGood(d: number, n: number): number {
  const x = Math.sqrt(n) * d;
  const { PI } = Math;
  const x2 = x * x;
  const x4 = x2 * x2;
  const x6 = x4 * x2;
  const root = Math.sqrt(PI / 2);
  let k0 = 0;
  let k1 = 0;
  let k2 = 0;
  let k3 = 0;
  for (let k = 0; k <= 30; k++) {
    const half = k + 0.5;
    const q = PI * PI * half * half;
    const e = Math.exp(-q / (2 * x2));
    k0 += e;
    k1 += (q - x2) * e;
    k2 += (6 * x6 + 2 * x4 + (2 * x4 - 5 * x2) * q + (1 - 2 * x2) * q * q) * e;
    k3 +=
      (-30 * x6 - 90 * x6 * x2 + (135 * x4 - 96 * x6) * q + (-60 * x2 + 212 * x4) * q * q + (5 - 30 * x2) * q * q * q) *
      e;
  }
  let k2b = 0;
  let k3b = 0;
  for (let k = 1; k <= 30; k++) {
    const q = PI * PI * k * k;
    const e = Math.exp(-q / (2 * x2));
    k2b += q * e;
    k3b += (3 * x2 * q - q * q) * e;
  }
  const sum0 = (2 * root * k0) / x;
  const sum1 = (2 * root * k1) / (6 * x4);
  const sum2 = (2 * root * k2) / (72 * x6 * x) - (2 * root * k2b) / (36 * x2 * x);
  const sum3 = (2 * root * k3) / (6480 * x6 * x4) + (2 * root * k3b) / (216 * x6);
  return sum0 + sum1 / Math.sqrt(n) + sum2 / n + sum3 / (n * Math.sqrt(n));
}
