import type { Router } from 'express';
import { AI_PREFIX } from '../../src/contract/ai.ts';
import { CONTROL_PREFIX } from '../../src/contract/control.ts';
import { WEBHOOK_PATH } from '../../src/contract/paths.ts';
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
  const parts = { rest: {}, control: {}, ai: {} };
  const app = createGatewayApp({ allowHosts: [], controlToken: '' } as never, parts as never);
  /** Its routers, in their order. */
  const places: [prefix: string, api: AppRoute['api']][] = [
    [CONTROL_PREFIX, 'control'],
    [AI_PREFIX, 'control'],
    ['', 'gateway'],
  ];
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
      } else if (handle.stack) {
        const place = places.shift();
        if (!place) throw new Error('a router that this list does not know');
        walk(handle.stack, ...place);
      }
    }
  };
  // What the app itself has (health, documents) is of the emulator, not of CarvOS.
  walk((app.router as Router & { stack: Layer[] }).stack as unknown as Layer[], '', 'control');
  return routes;
}
