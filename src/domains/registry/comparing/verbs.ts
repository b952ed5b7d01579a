import type { ModelVersion, VersionComparison } from '#contract';
import type { Principal } from '#platform/http';
import type { Room } from '../room.ts';
import { type Compared, compareVersions } from './compare.ts';
import { columnsOf, onnxColumns } from './signature-columns.ts';

interface Named {
  readonly model: string;
  /** A number, an alias, or latest. */
  readonly version: string;
}

/** @param getVersion a version as it is told */
export function comparisonVerbs(
  { options: { runsOf, signatureOf } }: Room,
  getVersion: (model: string, version: string) => Promise<ModelVersion>,
) {
  return {
    /** Two versions of one model or of two, side by side. */
    async compareVersions(left: Named, right: Named, reader: Principal): Promise<VersionComparison> {
      const versions = await Promise.all([left, right].map(({ model, version }) => getVersion(model, version)));
      const [runs, told] = await Promise.all([
        runsOf(
          versions.flatMap(({ run }) => run ?? []),
          reader,
        ),
        Promise.all(versions.map(({ source }) => source?.loggedModel && signatureOf?.(source.loggedModel, reader))),
      ]);
      const [a, b] = versions.map(
        (version, side): Compared => ({
          version,
          run: runs.get(version.run ?? ''),
          signature: version.signature ? onnxColumns(version.signature) : columnsOf(told[side] || undefined),
        }),
      );
      return compareVersions(a as Compared, b as Compared);
    },
  };
}
