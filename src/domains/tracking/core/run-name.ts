import type { Rng } from '#platform/kernel';

const ADJECTIVES =
  'able bold brave bright brisk calm clear clever crisp eager early even fair fast fine firm fond free fresh gentle glad grand handy hardy keen kind late light lively loyal lucky mild neat noble open patient plain polite proud quick quiet rapid ready sharp silent sincere smooth solid steady sunny swift tidy true upbeat vivid warm wise'.split(
    ' ',
  );
const NOUNS =
  'anchor beacon bow breeze brook buoy cape cliff coast compass cove creek current delta drift dune ferry fjord flag gale glider gull gust harbor helm hull isle jetty keel kite lagoon lake lantern mast oar ocean pier pilot port quay reef ridge river rudder sail shore skiff sloop sound spar stern storm strait tide tiller wake wave wharf wind'.split(
    ' ',
  );

/** A name for a run that was given none, e.g. `steady-keel-417`. */
export function madeUpName(rng: Rng): string {
  return `${ADJECTIVES[rng.int(ADJECTIVES.length)]}-${NOUNS[rng.int(NOUNS.length)]}-${100 + rng.int(900)}`;
}
