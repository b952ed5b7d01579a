import { Link } from '@tanstack/react-router';
import type { ModelAlias } from '#contract';

/** `champion: v3` for each alias, as links to the versions. */
export function Aliases({ model, aliases }: { readonly model: string; readonly aliases: readonly ModelAlias[] }) {
  if (aliases.length === 0) return <span className="dimmed">none</span>;
  return (
    <ul className="list row">
      {aliases.map((alias) => (
        <li key={alias.alias}>
          {alias.alias}:{' '}
          <Link to="/models/$model/$version" params={{ model, version: String(alias.version) }}>
            v{alias.version}
          </Link>
        </li>
      ))}
    </ul>
  );
}
