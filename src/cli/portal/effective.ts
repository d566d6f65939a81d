import type { AtsView, StatusView } from '../../contract/control.ts';
import { maskUrl } from '../../contract/mask-url.ts';
import type { Setting, SettingValue } from '../../contract/output/running.ts';
import { fingerprint } from '../../signing/fingerprint.ts';
import { type AtsConfig, CREDENTIAL_KINDS, CREDENTIALS } from '../config/ats.ts';
import { CONFIG_NAME } from '../config/files.ts';
import { type Config, originOf } from '../config/load.ts';
import type { Secret } from '../config/secrets.ts';
import { hasWebhookUrl } from '../config/webhook-url.ts';
import { formatDuration } from '../text/duration.ts';

/** Every setting with where it came from; with the status of a running emulator also what it has instead. */
export function effectiveSettings(config: Config, status: StatusView | null): Setting[] {
  const duration = (ms: number | null) => (ms === null ? 'off' : formatDuration(ms));
  const { perReceiver, overall } = config.inFlight;
  const { host, port, allowHosts, db, speed, receiverCa, receiverCert, receiverKey } = config;
  const values: Record<string, SettingValue> = {
    ...{ host, port, allowHosts, db, speed },
    receiverTimeout: duration(config.receiverTimeoutMs),
    receiver: config.strictHttps ? 'production' : 'local',
    ...{ receiverCa, receiverCert, receiverKey },
    inFlight: `${perReceiver} per receiver, ${overall} overall`,
    provisioningLatency: duration(config.provisioningLatencyMs),
    unprovisioned: config.unprovisioned,
    faults: config.faults.map(({ kind }) => kind),
    seed: config.seed,
    ai: describeAi(config.ai),
  };
  const running: Record<string, SettingValue> = { speed: status && runningSpeed(status) };
  return [
    ...Object.entries(values).map(([field, value]) =>
      withRunning({ field, value, origin: originOf(config, field) }, running[field] ?? null),
    ),
    secretSetting('ai.secret', config.aiSecret),
    ...config.ats.flatMap((ats) =>
      atsSettings(
        config,
        ats,
        status?.ats.find(({ id }) => id === ats.id),
      ),
    ),
  ];
}

function describeAi(ai: Config['ai']): string {
  const who =
    ai.playback ??
    (ai.mode === 'stub' ? 'stub' : (ai.module ?? (ai.url === undefined ? 'stub' : new URL(ai.url).origin)));
  return ai.rules === undefined ? who : `${who}, rules: ${ai.rules.length}`;
}

function atsSettings(config: Config, ats: AtsConfig, running: AtsView | undefined): Setting[] {
  const list = config.file?.value.ats;
  const entry = Array.isArray(list) ? list.find((one) => (one as { id?: unknown }).id === ats.id) : undefined;
  const plain = (field: 'name' | 'webhookUrl' | 'workspaces', value: SettingValue): Setting => ({
    field: `ats.${ats.id}.${field}`,
    value,
    origin: entry?.[field] === undefined ? 'default' : CONFIG_NAME,
  });
  const secret = (field: string, from: Secret, inForce?: string | null) =>
    secretSetting(`ats.${ats.id}.${field}`, from, inForce);
  return [
    withRunning(plain('name', ats.name), running?.name ?? null),
    withRunningUrl(plain('webhookUrl', ats.webhookUrl && maskUrl(ats.webhookUrl)), ats.webhookUrl, running),
    ...CREDENTIAL_KINDS.map((kind) => {
      const { field } = CREDENTIALS[kind];
      return secret(field, ats[field], running?.[`${kind}_fingerprint`]);
    }),
    ...Object.entries(ats.receiverHeaders).map(([name, value]) => secret(`receiverHeaders.${name}`, value)),
    plain(
      'workspaces',
      ats.workspaces.map(({ clientId }) => clientId),
    ),
  ];
}

/** @param inForce fingerprint of what the running gateway has, where one is asked. */
function secretSetting(field: string, { value, setBy, origin }: Secret, inForce?: string | null): Setting {
  const print = value === null ? null : fingerprint(value);
  return {
    field,
    value: null,
    value_fingerprint: print,
    origin: value === null ? `not set: ${setBy}` : origin,
    ...(inForce && inForce !== print ? { running_fingerprint: inForce } : {}),
  };
}

function runningSpeed({ clock }: StatusView): SettingValue {
  return clock.mode === 'max' || clock.mode === 'manual' ? clock.mode : clock.speed;
}

function withRunning(setting: Setting, running: SettingValue): Setting {
  return running === null || running === setting.value ? setting : { ...setting, running };
}

/** By the fingerprint: two secrets may differ where what is shown does not. */
function withRunningUrl(setting: Setting, url: string | null, running: AtsView | undefined): Setting {
  if (!running?.webhook_url || hasWebhookUrl(running, url)) return setting;
  return { ...setting, running: running.webhook_url };
}
