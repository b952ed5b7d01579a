import type { CSSProperties } from 'react';
import type { Span } from '#contract';
import { count } from '../../format/numbers.ts';
import { span as duration } from '../../format/times.ts';
import { stretchOf, treeRows } from './tree.ts';

const DEEPEST_INDENT = 12;

interface TimelineProps {
  readonly spans: readonly Span[];
  /** Id of the span that is shown. */
  readonly chosen: string | undefined;
  readonly onChoose: (span: string) => void;
}

/** The steps of a trace as a tree, each with a bar over the time of the whole. */
export function Timeline({ spans, chosen, onChoose }: TimelineProps) {
  const { startMs, lengthMs } = stretchOf(spans);
  return (
    <ul className="span-tree" aria-label="Steps">
      {treeRows(spans).map(({ span, depth }) => {
        const place = {
          '--at': `${((span.offsetMs - startMs) / lengthMs) * 100}%`,
          '--long': `${((span.durationMs ?? 0) / lengthMs) * 100}%`,
          '--depth': Math.min(depth, DEEPEST_INDENT),
        } as CSSProperties;
        return (
          <li key={span.id} style={place}>
            <button
              type="button"
              className="span-row"
              aria-current={span.id === chosen || undefined}
              onClick={() => onChoose(span.id)}
            >
              <span className="span-name">
                <span className="span-title">{span.name}</span>
                <span className="span-kind">{span.type === 'UNKNOWN' ? '' : span.type.toLowerCase()}</span>
              </span>
              <span className="span-bar" aria-hidden="true">
                <span data-tone={span.status === 'error' ? 'failed' : 'info'} />
              </span>
              <span className="span-figures">
                {span.status === 'error' && <strong className="span-failed">failed</strong>}
                {span.tokens && <span>{count(span.tokens.total)} tokens</span>}
                <span>{span.durationMs === null ? 'running' : duration(span.durationMs)}</span>
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
