import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { type Palette, paletteOf } from '../../../charts/palette.ts';
import { Failure } from '../../../parts/answer.tsx';
import { TextPreview } from './text-preview.tsx';

interface DrawnProps {
  readonly path: string;
  readonly source: unknown;
  /** Draws into the element; answers with what takes the picture away again. */
  readonly draw: (element: HTMLElement, palette: Palette) => Promise<() => void>;
}

/** A picture that a library of its own draws from a file, and the file below it. */
export function Drawn({ path, source, draw }: DrawnProps) {
  const palette = paletteOf(useComputedColorScheme('light'));
  const element = useRef<HTMLDivElement>(null);
  const [error, setError] = useState<Error>();
  const latest = useRef(draw);
  latest.current = draw;
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    // One box a drawing, so that a drawing that comes late does not draw over the next.
    const box = document.createElement('div');
    target.replaceChildren(box);
    setError(undefined);
    const drawing = latest.current(box, palette);
    drawing.catch((problem: unknown) => setError(problem instanceof Error ? problem : new Error(String(problem))));
    return () => void drawing.then((remove) => remove()).catch(() => undefined);
  }, [palette]);
  return (
    <>
      {error && <Failure error={new Error(`${path} could not be drawn: ${error.message}`)} />}
      <div ref={element} role="img" aria-label={`Chart of ${path}`} className="drawn" />
      <Source path={path} source={source} />
    </>
  );
}

/** The file that a picture is made from, for those who want its numbers. */
export function Source({ path, source }: Omit<DrawnProps, 'draw'>) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="disclosure" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Show what it is drawn from</summary>
      {isOpen && <TextPreview path={path} text={JSON.stringify(source, null, 2)} />}
    </details>
  );
}
