import { lazy, Suspense } from 'react';
import { Waiting } from './answer.tsx';

const Rendered = lazy(() => import('./rendered-markdown.tsx'));

/** Markdown that people wrote, with the tables of GitHub. HTML in it is shown as text, and nothing in it runs. */
export function Markdown({ text }: { readonly text: string }) {
  return (
    <div className="prose">
      <Suspense fallback={<Waiting heightPx={40} />}>
        <Rendered text={text} />
      </Suspense>
    </div>
  );
}
