import { type ReactNode, useEffect } from 'react';
import { Markdown } from './markdown.tsx';

interface PageProps {
  readonly title: string;
  /** What stands above the title, e.g. links to the pages this one belongs to. */
  readonly crumbs?: ReactNode;
  readonly lede?: ReactNode;
  /** What somebody wrote about it, in Markdown. */
  readonly about?: string | null;
  readonly actions?: ReactNode;
  /** As wide as the screen, for tables of many columns. */
  readonly isWide?: boolean;
  readonly children: ReactNode;
}

/** One page: its title (also the tab's), one sentence of what it shows, and its panels. */
export function Page({ title, crumbs, lede, about, actions, isWide = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Trimtab`;
  }, [title]);
  return (
    <div className={isWide ? 'page wide' : 'page'}>
      <header className="page-header">
        <div>
          {crumbs && (
            <nav className="crumbs" aria-label="Where this belongs">
              {crumbs}
            </nav>
          )}
          <h1>{title}</h1>
          {lede && <p className="lede">{lede}</p>}
          {about && (
            <div className="lede">
              <Markdown text={about} />
            </div>
          )}
        </div>
        {actions && <div className="row">{actions}</div>}
      </header>
      {children}
    </div>
  );
}
