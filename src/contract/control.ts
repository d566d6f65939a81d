/**
 * Shapes of the control API, `/_carvos/v1/`, and of what the commands print with `--json`.
 * Field names are those of the wire (snake_case). Times ending in `_at` are ISO 8601 UTC by the wall
 * clock; fields ending in `_ms` are milliseconds, in schedule time where the name says `schedule`.
 */

export * from './control/assumptions.ts';
export * from './control/basics.ts';
export * from './control/calls.ts';
export * from './control/clock.ts';
export * from './control/deliveries.ts';
export * from './control/feed.ts';
export * from './control/jobs.ts';
export * from './control/log.ts';
export * from './control/replay.ts';
export * from './control/status.ts';
