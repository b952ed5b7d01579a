import type { Rng } from '#platform/kernel';
import type { ParamValue } from '../model.ts';
import { type Axis, axisOf } from './axis.ts';
import type { Sampler } from './sampler.ts';

/** Draws each param alone: uniformly, on the logarithmic scale where the dimension has one. */
export const randomSampler: Sampler = {
  refusal: () => undefined,
  suggest: ({ space, rng }) =>
    // By name, so that the order in which a space is written down changes nothing.
    Object.fromEntries(
      Object.keys(space)
        .sort()
        .flatMap((name) => {
          const dimension = space[name];
          return dimension ? [[name, drawFrom(axisOf(dimension), rng)]] : [];
        }),
    ),
};

/** A uniform draw from an axis. */
function drawFrom(axis: Axis, rng: Rng): ParamValue {
  if (axis.kind === 'categorical') return axis.toValue(rng.int(axis.choices.length));
  return axis.toValue(axis.low + rng.next() * (axis.high - axis.low));
}
