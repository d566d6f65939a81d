export { RefusedError } from '../contract/errors.ts';
export { ApiKeyTakenError } from './ats/apply-options.ts';
export type {
  AddedAts,
  AiAnswer,
  AiRequest,
  Emulator,
  EmulatorClock,
  EmulatorEnv,
  EmulatorFaults,
  NewAts,
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
export type { EmulatorRun, RunOptions, ScenarioRun } from './in-process/run.ts';
export { ScenarioError } from './in-process/run.ts';
export type { EmulatorSend, Sendable, SendOptions } from './in-process/send.ts';
export type { StartAts, StartOptions } from './in-process/start-options.ts';
export type { Sent } from './incoming/trusted-door.ts';
export type {
  AiOptions,
  AiRuleOptions,
  AtsOptions,
  EmulatorOptions,
  FaultOptions,
  ListeningPlace,
  MemberOptions,
  Settings,
  Speed,
  WorkspaceOptions,
} from './settings.ts';
export { startEmulator } from './start-emulator.ts';
export { DatabaseError } from './store/database-error.ts';
export type { Move } from './time/move-clock.ts';
