/** What the benchmarks measure below the public surface, and fill with; bundled when they run. */

export { createDeliveryEngine } from '../src/emulator/delivery/engine.ts';
export { createAttemptSender } from '../src/emulator/delivery/send-attempt.ts';
export { startEmulator } from '../src/emulator/index.ts';
export { LOGGED_REQUEST } from '../src/emulator/log/attempt-headers.ts';
export { claimDue, nextDueOf } from '../src/emulator/store/claims.ts';
export { insertDelivery, markAttempt } from '../src/emulator/store/deliveries.ts';
export { insertLog, newLogRow } from '../src/emulator/store/log.ts';
export { openStore } from '../src/emulator/store/open-store.ts';
export { sampleDelivery } from '../test/support/sample-delivery.ts';
