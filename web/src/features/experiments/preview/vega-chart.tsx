import { Drawn, Source } from './drawn.tsx';
import { addressesIn } from './vega-addresses.ts';

interface VegaChartProps {
  readonly path: string;
  readonly spec: unknown;
}

/** A Vega or Vega-Lite chart, drawn from the data in the file alone. */
export function VegaChart({ path, spec }: VegaChartProps) {
  const addresses = addressesIn(spec);
  if (addresses.length === 0) {
    return (
      <Drawn
        path={path}
        source={spec}
        draw={async (element, palette) => {
          const { drawVega } = await import('./vega.ts');
          return drawVega(element, spec, palette);
        }}
      />
    );
  }
  return (
    <>
      <div className="notice" data-tone="warning">
        This chart takes data from {addresses.slice(0, 3).join(', ')}. It is not drawn, since nothing is fetched from
        elsewhere: log it with its data inside.
      </div>
      <Source path={path} source={spec} />
    </>
  );
}
