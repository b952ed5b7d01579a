import type { ComponentProps } from 'react';
import ReactMarkdown from 'react-markdown';
import remarkGfm from 'remark-gfm';

/** Loaded with the first text that is shown. Pictures are links: whoever wrote a text shall not learn who reads it. */
export default function RenderedMarkdown({ text }: { readonly text: string }) {
  return (
    <ReactMarkdown remarkPlugins={[remarkGfm]} components={{ a: Away, img: PictureLink }}>
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
