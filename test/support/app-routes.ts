import type { Router } from 'express';
import { AI_PREFIX } from '../../src/contract/ai.ts';
import { CONTROL_PREFIX } from '../../src/contract/control.ts';
import { WEBHOOK_PATH } from '../../src/contract/rest.ts';
import { createControlRoutes } from '../../src/emulator/control/routes.ts';
import { createRestRoutes } from '../../src/emulator/gateway/rest-routes.ts';
import { createAiRoutes } from '../../src/emulator/server/ai-routes.ts';
import { createGatewayApp } from '../../src/emulator/server/app.ts';
import { HEALTH_PATHS } from '../../src/emulator/server/health.ts';

export interface AppRoute {
  api: 'gateway' | 'control';
  /** In capitals. */
  method: string;
  /** As OpenAPI has it: `/v1/candidates/{id}`. */
  path: string;
}

interface Layer {
  route?: { path: string; methods: Record<string, boolean> };
  handle: { stack?: Layer[] };
}

/** Every route that the app has, read from its routers. Nothing is called, so they need no parts. */
export function listAppRoutes(): AppRoute[] {
  const nothing = {} as never;
  const rest = createRestRoutes(nothing);
  const control = createControlRoutes(nothing);
  const ai = createAiRoutes(nothing, nothing);
  const app = createGatewayApp({ allowHosts: [], controlToken: '' } as never, { rest, control, ai });
  const routes: AppRoute[] = [
    { api: 'gateway', method: 'POST', path: `${WEBHOOK_PATH}{ats_id}` },
    ...HEALTH_PATHS.map((path) => ({ api: 'control' as const, method: 'GET', path })),
  ];
  const walk = (stack: Layer[], prefix: string, api: AppRoute['api']) => {
    for (const { route, handle } of stack) {
      if (route) {
        const path = prefix + route.path.replace(/:(\w+)/g, '{$1}');
        for (const method of Object.keys(route.methods)) {
          routes.push({ api, method: method.toUpperCase(), path });
        }
      } else if ((handle as unknown) === rest) walk(handle.stack!, '', 'gateway');
      else if ((handle as unknown) === control) walk(handle.stack!, CONTROL_PREFIX, 'control');
      else if ((handle as unknown) === ai) walk(handle.stack!, AI_PREFIX, 'control');
      else if (handle.stack) throw new Error('a router that this list does not know');
    }
  };
  // What the app itself has (health, documents) is of the emulator, not of CarvOS.
  walk((app.router as Router & { stack: Layer[] }).stack as unknown as Layer[], '', 'control');
  return routes;
}
