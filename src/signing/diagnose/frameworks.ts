import { FRAMEWORKS, type Framework } from './framework-labels.ts';

export type CodeLines = Record<Framework, string>;

type Lines = Pick<CodeLines, 'express' | 'spring' | 'laravel' | 'aspnet'> & {
  python: string;
} & Partial<CodeLines>;

/** Most lines of Python are the same in all of its frameworks. */
const inEach = ({ python, ...own }: Lines): CodeLines =>
  Object.fromEntries(FRAMEWORKS.map((name) => [name, own[name] ?? python])) as CodeLines;

/** The secret's UTF-8 bytes, nothing decoded. */
const keyOf = (direction: 'incoming' | 'outgoing') => {
  const variable = `CARVOS_${direction.toUpperCase()}_SECRET`;
  return inEach({
    express: `createHmac('sha256', process.env.${variable})`,
    python: `hmac.new(os.environ["${variable}"].encode(), message, hashlib.sha256)`,
    django: `hmac.new(settings.${variable}.encode(), message, hashlib.sha256)`,
    spring: 'mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));',
    laravel: `hash_hmac('sha256', $message, config('services.carvos.${direction}_secret'))`,
    aspnet: 'HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), message)',
  });
};

/** Lines of code that do it right. */
// biome-ignore format: a table, a row a line
export const CODE = {
  /** The raw body on arrival, before any parser. */
  rawBody: inEach({
    express: "app.post('/webhooks/carvos', express.raw({ type: () => true, limit: '5mb' }), (req, res) => { const raw = req.body; })",
    python: 'raw = request.body',
    fastapi: 'raw = await request.body()',
    flask: 'raw = request.get_data()  # before request.json or request.form',
    spring: '@PostMapping("/webhooks/carvos") ResponseEntity<?> receive(@RequestBody byte[] raw, …)',
    laravel: '$raw = $request->getContent();',
    aspnet: 'using var memory = new MemoryStream(); await Request.Body.CopyToAsync(memory); var raw = memory.ToArray();',
  }),
  /** Serialize once; sign those bytes and send the same. */
  signWhatYouSend: inEach({
    express: "const raw = Buffer.from(JSON.stringify(event)); /* sign raw */ await fetch(url, { method: 'POST', headers, body: raw });",
    python: 'raw = json.dumps(event).encode()  # sign raw\nrequests.post(url, data=raw, headers=headers)  # not json=event',
    fastapi: 'raw = json.dumps(event).encode()  # sign raw\nawait client.post(url, content=raw, headers=headers)  # not json=event',
    spring: 'byte[] raw = mapper.writeValueAsBytes(event); /* sign raw */ client.post().uri(url).contentType(APPLICATION_JSON).body(raw)',
    laravel: "$raw = json_encode($event); /* sign $raw */ Http::withHeaders($headers)->withBody($raw, 'application/json')->post($url);",
    aspnet: 'var raw = JsonSerializer.SerializeToUtf8Bytes(payload); /* sign raw */ request.Content = new ByteArrayContent(raw);',
  }),
  /** The key of the receiver, and of the sender: each has its own secret. */
  key: keyOf('outgoing'),
  senderKey: keyOf('incoming'),
  /** The message: t, a dot, the raw bytes. */
  message: inEach({
    express: 'hmac.update(`${t}.`).update(raw)  // two updates: raw stays bytes',
    python: 'message = t.encode() + b"." + raw',
    spring: 'mac.update((t + ".").getBytes(StandardCharsets.UTF_8)); byte[] digest = mac.doFinal(raw);',
    laravel: "$message = $t . '.' . $raw;",
    aspnet: 'byte[] message = [.. Encoding.UTF8.GetBytes(t + "."), .. raw];',
  }),
  /** The digest as lower-case hex of HMAC-SHA256. */
  digest: inEach({
    express: "createHmac('sha256', secret).update(`${t}.`).update(raw).digest('hex')",
    python: 'hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()',
    spring: 'HexFormat.of().formatHex(mac.doFinal(raw))  // Mac.getInstance("HmacSHA256")',
    laravel: "hash_hmac('sha256', $message, $secret)",
    aspnet: 'Convert.ToHexString(HMACSHA256.HashData(key, message)).ToLowerInvariant()',
  }),
  /** t: whole Unix seconds, at signing. */
  seconds: inEach({
    express: 'const t = Math.floor(Date.now() / 1000);',
    python: 't = str(int(time.time()))',
    spring: 'long t = Instant.now().getEpochSecond();',
    laravel: '$t = time();',
    aspnet: 'var t = DateTimeOffset.UtcNow.ToUnixTimeSeconds();',
  }),
};
