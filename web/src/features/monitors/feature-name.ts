/** A feature as people read it; the prediction itself is watched like one. */
export function featureName(feature: string): string {
  return feature === '@prediction' ? 'the prediction' : feature;
}
