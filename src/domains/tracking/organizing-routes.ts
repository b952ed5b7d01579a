import type { Route } from '#platform/http';
import { loggedModelRoutes } from './logged-models/routes.ts';
import type { Organizing } from './organizing.ts';

export function organizingRoutes(organizing: Organizing): readonly Route[] {
  return [...loggedModelRoutes(organizing)];
}
