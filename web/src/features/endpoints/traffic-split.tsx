import type { Variant } from '#contract';
import { percent } from '../../format/numbers.ts';
import { versionLink } from '../../parts/reference.tsx';

const BASIS_POINTS = 10_000;

/** Who answers how much of the traffic: a bar, and the same in words. */
export function TrafficSplit({ variants }: { readonly variants: readonly Variant[] }) {
  return (
    <div>
      <div className="split" aria-hidden>
        {variants.map((variant, index) => (
          <i key={variant.name} data-place={index % 4} style={{ flexGrow: variant.weight }} />
        ))}
      </div>
      <ul className="legend">
        {variants.map((variant, index) => (
          <li key={variant.name}>
            <span className="swatch block" data-place={index % 4} aria-hidden />
            {variant.name} {percent(variant.weight / BASIS_POINTS)} · {versionLink(variant.version)}
          </li>
        ))}
      </ul>
    </div>
  );
}
