import type { ArtifactPreview as Preview } from '#contract';
import { Lines } from '../../../charts/lines.tsx';
import { figure, percent } from '../../../format/numbers.ts';

interface MatrixProps {
  readonly matrix: NonNullable<Preview['matrix']>;
}

/** The strongest shade still lets the figures be read. */
const DEEPEST_PERCENT = 34;

/** A confusion matrix: counts, and the share of each true class, which the shade of a cell tells too. */
export function Matrix({ matrix: { labels, counts } }: MatrixProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-scroll" aria-label="Confusion matrix" tabIndex={0}>
      <table className="table matrix">
        <caption>Rows are true classes, columns predicted ones. Shares are of the true class.</caption>
        <thead>
          <tr>
            <th scope="col">true \ predicted</th>
            {labels.map((label) => (
              <th key={label} scope="col" className="number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {counts.map((row, at) => {
            const sum = row.reduce((total, value) => total + value, 0);
            return (
              <tr key={labels[at]}>
                <th scope="row">{labels[at]}</th>
                {row.map((value, place) => {
                  const share = sum > 0 ? value / sum : 0;
                  const tone = place === at ? '--accent' : '--warning';
                  const background = `color-mix(in srgb, var(${tone}) ${share * DEEPEST_PERCENT}%, transparent)`;
                  return (
                    <td key={labels[place]} className="number" style={{ background }}>
                      {figure(value)} {sum > 0 && <span className="small">{percent(share)}</span>}
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

interface CurvesProps {
  readonly curves: NonNullable<Preview['curves']>;
  readonly isRoc: boolean;
}

/** ROC curves, or precision over recall. */
export function Curves({ curves, isRoc }: CurvesProps) {
  return (
    <Lines
      label={isRoc ? 'True positive rate over false positive rate.' : 'Precision over recall.'}
      x="value"
      xName={isRoc ? 'false positive rate' : 'recall'}
      yName={isRoc ? 'true positive rate' : 'precision'}
      yFrom={0}
      yTo={1}
      series={curves.map(({ name, x, y }, index) => ({
        name: name || `curve ${index + 1}`,
        points: x.map((at, i) => ({ x: at, y: y[i] ?? null })),
      }))}
    />
  );
}
