import { betaRegularised, gammaUpper } from './special.ts';

/** Chance of a standard normal variate above z. Keeps its relative accuracy far out in the tail. */
export function normalTail(z: number): number {
  const half = 0.5 * gammaUpper(0.5, (z * z) / 2);
  return z >= 0 ? half : 1 - half;
}

/** Chance of a standard normal variate at or below z. */
export function normalCdf(z: number): number {
  return normalTail(-z);
}

/** Chance of a standard normal variate at least as far from zero as z. */
export function normalTwoSided(z: number): number {
  return gammaUpper(0.5, (z * z) / 2);
}

/** Chance of a chi-squared variate above x, with `degrees` > 0 degrees of freedom (need not be whole). */
export function chiSquaredTail(x: number, degrees: number): number {
  return gammaUpper(degrees / 2, x / 2);
}

/** Chance of a gamma variate of the given shape and scale above x. */
export function gammaTail(x: number, shape: number, scale: number): number {
  return gammaUpper(shape, x / scale);
}

/** Chance of a beta variate above x, 0 <= x <= 1. */
export function betaTail(x: number, a: number, b: number): number {
  return betaRegularised(1 - x, b, a);
}

/** Chance of a Student's t variate at least as far from zero as t. */
export function studentTwoSided(t: number, degrees: number): number {
  return betaRegularised(degrees / (degrees + t * t), degrees / 2, 0.5);
}

/** Chance of an F variate above x. */
export function fTail(x: number, numerator: number, denominator: number): number {
  return x <= 0 ? 1 : betaRegularised(denominator / (denominator + numerator * x), denominator / 2, numerator / 2);
}

/**
 * The z with `normalCdf(z) = p`. Acklam's rational approximation (relative error 1.2e-9), polished by one step of
 * Halley's method to near machine precision.
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? Number.NEGATIVE_INFINITY : p === 1 ? Number.POSITIVE_INFINITY : Number.NaN;
  if (p > 0.5) return -normalQuantile(1 - p);
  const z = acklam(p);
  const error = normalCdf(z) - p;
  const step = error * Math.sqrt(2 * Math.PI) * Math.exp((z * z) / 2);
  return z - step / (1 + (z * step) / 2);
}

function acklam(p: number): number {
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return horner(C, q) / (horner(D, q) * q + 1);
  }
  const q = p - 0.5;
  const r = q * q;
  return (horner(A, r) * q) / (horner(B, r) * r + 1);
}

const A = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
];
const B = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572];
const C = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const D = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416];

function horner(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}
