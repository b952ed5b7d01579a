import type { ModelCard } from '#contract';
import { cardBody } from './document.ts';
import { htmlOf } from './rendering.ts';

/** A card as a page of its own. */
export function cardAsHtml(card: ModelCard): string {
  const { model, version } = card.version;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(model)}, version ${version}</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code { overflow-wrap: anywhere; }
table { display: block; overflow-x: auto; border-collapse: collapse; }
th, td { border: 1px solid #8886; padding: 0.25rem 0.6rem; text-align: left; vertical-align: top; }
blockquote { border-left: 4px solid #8886; margin-left: 0; padding-left: 1rem; }
</style>
</head>
<body>
${htmlOf(cardBody(card))}
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
