import { FULL_WEIGHT } from '../model.ts';

/**
 * A uniform point in [0, 10000) for a key of an endpoint: FNV-1a (Fowler, Noll, Vo) over the text's UTF-16 units,
 * finished with MurmurHash3's fmix32 (Appleby) so that ids which differ in the last digit only spread evenly. The
 * same key has the same point in every process and release: changing this function moves every sticky caller.
 */
export function trafficPoint(endpointSeed: number, key: string): number {
  let hash = endpointSeed;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return Math.floor(((hash >>> 0) / 2 ** 32) * FULL_WEIGHT);
}

/** The start of the hash for an endpoint, so that two endpoints split the same keys independently. */
export function endpointSeed(endpoint: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < endpoint.length; i++) hash = Math.imul(hash ^ endpoint.charCodeAt(i), 0x01000193);
  // A separator that no name can hold.
  return Math.imul(hash ^ 0xff, 0x01000193);
}

/**
 * The index of the variant that owns a point. Variants own consecutive spans in their order, so a variant that grows
 * at the expense of its neighbour keeps the keys it had.
 */
export function variantAt(weights: readonly number[], point: number): number {
  let end = 0;
  for (let i = 0; i < weights.length; i++) {
    end += weights[i] as number;
    if (point < end) return i;
  }
  throw new RangeError(`point ${point} lies beyond the weights ${weights.join(', ')}`);
}
