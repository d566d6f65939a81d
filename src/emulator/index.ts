export { ApiKeyTakenError } from './ats/registry.ts';
export type {
  AiAnswer,
  AiRequest,
  Emulator,
  EmulatorClock,
  EmulatorEnv,
  EmulatorFaults,
} from './in-process/api.ts';
// By name: `export type *` would promise functions in the published types that are not there.
export type {
  DeliveryFilter,
  EmulatorDeliveries,
  OutgoingDelivery,
  OutgoingStatus,
  WaitOptions,
} from './in-process/deliveries.ts';
export { WaitError } from './in-process/deliveries.ts';
export type { EmulatorSend, Sendable, SendOptions } from './in-process/send.ts';
export { RefusedError } from './in-process/send.ts';
export type { StartAts, StartOptions } from './in-process/start-options.ts';
export type { Sent } from './incoming/trusted-door.ts';
export type {
  AiOptions,
  AiRuleOptions,
  AtsOptions,
  EmulatorOptions,
  MemberOptions,
  Settings,
  Speed,
  WorkspaceOptions,
} from './settings.ts';
export { startEmulator } from './start-emulator.ts';
export { DatabaseError } from './store/open-store.ts';
export type { Move } from './time/move-clock.ts';
