import type { AtsView, StatusView } from '../../contract/control.ts';
import { maskUrl } from '../../contract/mask-url.ts';
import type { Setting, SettingValue } from '../../contract/output/running.ts';
import { fingerprint } from '../../signing/fingerprint.ts';
import type { AtsConfig } from '../config/ats.ts';
import type { Config } from '../config/load.ts';
import type { Secret } from '../config/secrets.ts';
import { hasWebhookUrl } from '../config/webhook-url.ts';
import { formatDuration } from '../text/duration.ts';

/** Every setting with where it came from; with the status of a running emulator also what it has instead. */
export function effectiveSettings(config: Config, status: StatusView | null): Setting[] {
  const from = (field: string) => config.origins[field] ?? 'default';
  const duration = (ms: number | null) => (ms === null ? 'off' : formatDuration(ms));
  const settings: Setting[] = [
    { field: 'host', value: config.host, origin: from('host') },
    { field: 'port', value: config.port, origin: from('port') },
    { field: 'allowHosts', value: config.allowHosts, origin: from('allowHosts') },
    { field: 'db', value: config.database, origin: from('db') },
    withRunning(
      { field: 'speed', value: config.speed, origin: from('speed') },
      status && runningSpeed(status),
    ),
    {
      field: 'receiverTimeout',
      value: duration(config.receiverTimeoutMs),
      origin: from('receiverTimeout'),
    },
    { field: 'receiver', value: config.strictHttps ? 'production' : 'local', origin: from('receiver') },
    { field: 'receiverCa', value: config.receiverCa, origin: from('receiverCa') },
    { field: 'receiverCert', value: config.receiverCert, origin: from('receiverCert') },
    { field: 'receiverKey', value: config.receiverKey, origin: from('receiverKey') },
    {
      field: 'inFlight',
      value: `${config.inFlight.perReceiver} per receiver, ${config.inFlight.overall} overall`,
      origin: from('inFlight'),
    },
    {
      field: 'provisioningLatency',
      value: duration(config.provisioningLatencyMs),
      origin: from('provisioningLatency'),
    },
    { field: 'unprovisioned', value: config.unprovisioned, origin: from('unprovisioned') },
    { field: 'faults', value: config.faults.map(({ kind }) => kind), origin: from('faults') },
    { field: 'seed', value: config.seed, origin: from('seed') },
    { field: 'ai', value: describeAi(config.ai), origin: from('ai') },
    secretSetting('ai.secret', config.aiSecret),
  ];
  for (const ats of config.ats) {
    const running = status?.ats.find(({ id }) => id === ats.id);
    settings.push(...atsSettings(config, ats, running));
  }
  return settings;
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
    origin: entry?.[field] === undefined ? 'default' : 'carvos.config.json',
  });
  const secret = (field: string, from: Secret, inForce?: string | null) =>
    secretSetting(`ats.${ats.id}.${field}`, from, inForce);
  return [
    withRunning(plain('name', ats.name), running?.name ?? null),
    withRunningUrl(plain('webhookUrl', ats.webhookUrl && maskUrl(ats.webhookUrl)), ats.webhookUrl, running),
    secret('apiKey', ats.apiKey, running?.api_key_fingerprint),
    secret('incomingSecret', ats.incomingSecret, running?.incoming_secret_fingerprint),
    secret('outgoingSecret', ats.outgoingSecret, running?.outgoing_secret_fingerprint),
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
