import type { ModelVersion, VersionComparison } from '#contract';
import type { Principal } from '#platform/http';
import type { Room } from '../room.ts';
import { type Compared, compareVersions } from './compare.ts';

interface Named {
  readonly model: string;
  /** A number, an alias, or latest. */
  readonly version: string;
}

/** @param getVersion a version as it is told */
export function comparisonVerbs(
  { options: { runsOf } }: Room,
  getVersion: (model: string, version: string) => Promise<ModelVersion>,
) {
  return {
    /** Two versions of one model or of two, side by side. */
    async compareVersions(left: Named, right: Named, reader: Principal): Promise<VersionComparison> {
      const versions = await Promise.all([left, right].map(({ model, version }) => getVersion(model, version)));
      const runs = await runsOf(
        versions.flatMap(({ run }) => run ?? []),
        reader,
      );
      const [a, b] = versions.map((version): Compared => ({ version, run: runs.get(version.run ?? '') }));
      return compareVersions(a as Compared, b as Compared);
    },
  };
}
