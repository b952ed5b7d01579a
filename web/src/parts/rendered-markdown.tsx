import type { ComponentProps } from 'react';
import ReactMarkdown from 'react-markdown';
import remarkGfm from 'remark-gfm';

/** The page has its title, and each panel one, so headings of a text come below these. */
const BELOW = { h1: 'h3', h2: 'h4', h3: 'h5', h4: 'h6', h5: 'h6' } as const;

/** Loaded with the first text that is shown. Pictures are links: whoever wrote a text shall not learn who reads it. */
export default function RenderedMarkdown({ text }: { readonly text: string }) {
  return (
    <ReactMarkdown remarkPlugins={[remarkGfm]} components={{ ...BELOW, a: Away, img: PictureLink, input: TaskBox }}>
      {text}
    </ReactMarkdown>
  );
}

function Away({ href, children }: ComponentProps<'a'>) {
  return (
    <a href={href} rel="noreferrer noopener" target={href?.startsWith('#') ? undefined : '_blank'}>
      {children}
    </a>
  );
}

function PictureLink({ src, alt }: ComponentProps<'img'>) {
  const address = typeof src === 'string' ? src : '';
  return <Away href={address}>{alt || address}</Away>;
}

/** The box of an item in a list of tasks. */
function TaskBox({ checked }: ComponentProps<'input'>) {
  return <input type="checkbox" checked={checked} aria-label={checked ? 'done' : 'to be done'} disabled readOnly />;
}
