import { Link } from '@tanstack/react-router';
import { withParents } from './experiment-rows.ts';

/** Links to the list of experiments and to the folders down to one. */
export function FolderCrumbs({ folder }: { readonly folder: string }) {
  return (
    <>
      <Link to="/experiments">Experiments</Link>
      {withParents(folder).map((path) => (
        <Link key={path} to="/experiments" search={{ folder: path }}>
          {path.slice(path.lastIndexOf('/') + 1)}
        </Link>
      ))}
    </>
  );
}
