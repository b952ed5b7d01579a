import type { SourceModel, SourceVersion } from './facts.ts';
import { type Pair, queryOf, type Rest, textsOf } from './rest.ts';
import { versionOf } from './source-version.ts';

type Wire = Readonly<Record<string, unknown>>;

/** A registered model with all its versions, of what a search answered. */
export async function registeredModel(rest: Rest, model: Wire): Promise<SourceModel> {
  const name = String(model.name);
  // Only this call tells the aliases.
  const { registered_model: whole } = (await rest.ask(`mlflow/registered-models/get?${queryOf({ name })}`)) as {
    registered_model: { aliases?: { alias: string; version: string }[] };
  };
  return {
    name,
    createdAtMs: Number(model.creation_timestamp ?? 0),
    changedAtMs: Number(model.last_updated_timestamp ?? 0),
    description: String(model.description ?? ''),
    tags: textsOf(model.tags as Pair[] | undefined),
    aliases: Object.fromEntries((whole.aliases ?? []).map(({ alias, version }) => [alias, Number(version)])),
    versions: await versionsOf(rest, name),
  };
}

/** Versions of a registered model in ascending order. */
export async function versionsOf(rest: Rest, name: string): Promise<readonly SourceVersion[]> {
  type Page = { model_versions?: Wire[]; next_page_token?: string };
  const filter = `name = '${name.replaceAll("'", "\\'")}'`;
  const read = (token?: string) =>
    rest.ask(`mlflow/model-versions/search?${queryOf({ filter, max_results: '1000', page_token: token })}`);
  const versions: SourceVersion[] = [];
  for await (const page of rest.paged<Page>(read))
    versions.push(
      ...(page.model_versions ?? []).map((version) => versionOf(version, textsOf(version.tags as Pair[] | undefined))),
    );
  return versions.sort((a, b) => a.version - b.version);
}
