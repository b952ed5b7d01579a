import type { Serving } from '#domains/serving';

/** Versions that endpoints send traffic to. Serving is opened after the registry, which asks only when one is deleted. */
export function versionUse(serving: () => Pick<Serving, 'listEndpoints'>) {
  return {
    async of(refs: readonly string[]): Promise<ReadonlyMap<string, string>> {
      const asked = new Set(refs);
      const used = new Map<string, string>();
      for (const { name, variants } of serving().listEndpoints()) {
        for (const { version } of variants) if (asked.has(version)) used.set(version, `endpoint ${name} serves it`);
      }
      return used;
    },
  };
}
