/** The only source of chance. */
export interface Rng {
  /** Uniform in [0, 1), 32 bits of resolution. */
  next(): number;
  /** Uniform integer in [0, bound); bound is at most 2^32. */
  int(bound: number): number;
  /** Standard normal variate. */
  normal(): number;
}

/**
 * A reproducible generator: xoshiro128** (Blackman and Vigna, 2018), seeded through splitmix32.
 * The same seed gives the same sequence on every machine.
 */
export function seededRng(seed: number): Rng {
  let s = seed >>> 0;
  const splitmix = () => {
    s = (s + 0x9e3779b9) >>> 0;
    let z = s;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let a = splitmix();
  let b = splitmix();
  let c = splitmix();
  let d = splitmix();
  const rotate = (x: number, k: number) => (x << k) | (x >>> (32 - k));
  return fromUint32(() => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotate(d, 11);
    return result;
  });
}

/** Builds an Rng from a source of uniform unsigned 32-bit integers. */
function fromUint32(nextUint32: () => number): Rng {
  let spare: number | undefined;
  const next = () => nextUint32() / 2 ** 32;
  return {
    next,
    int: (bound) => Math.floor(next() * bound),
    normal: () => {
      if (spare !== undefined) {
        const value = spare;
        spare = undefined;
        return value;
      }
      // Marsaglia's polar method.
      for (;;) {
        const u = 2 * next() - 1;
        const v = 2 * next() - 1;
        const r = u * u + v * v;
        if (r === 0 || r >= 1) continue;
        const scale = Math.sqrt((-2 * Math.log(r)) / r);
        spare = v * scale;
        return u * scale;
      }
    },
  };
}

/** Cryptographic randomness of the platform (browser or Node); for ids and tokens. */
export function systemRng(): Rng {
  const buffer = new Uint32Array(256);
  let position = buffer.length;
  return fromUint32(() => {
    if (position === buffer.length) {
      globalThis.crypto.getRandomValues(buffer);
      position = 0;
    }
    return buffer[position++] as number;
  });
}

/** Fisher-Yates shuffle of a copy. */
export function shuffled<T>(items: readonly T[], rng: Rng): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = rng.int(i + 1);
    const held = copy[i] as T;
    copy[i] = copy[j] as T;
    copy[j] = held;
  }
  return copy;
}
