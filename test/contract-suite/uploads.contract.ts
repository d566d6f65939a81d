import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { candidate, createTarget, facts, prove } from './target.ts';

const target = createTarget();
const file = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../fixtures/files/${name}`, import.meta.url)));

prove('upload-answer', async () => {
  const content = file('cv-nl.pdf');
  const { status, json } = await target.upload(content, 'resume.pdf', 'application/pdf');
  expect(status).toBe(200);
  const keys = ['carv_file_id', 'file_name', 'content_type', 'file_size', 'uploaded_at', 'expires_at'];
  expect(Object.keys(json)).toEqual(keys);
  expect(json.carv_file_id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(json).toMatchObject({ file_name: 'resume.pdf', file_size: content.length });
  expect(Date.parse(json.expires_at) - Date.parse(json.uploaded_at)).toBe(72 * 3_600_000);
});

prove('upload-types', async () => {
  const docx = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
  // Neither the part's own type nor the name counts.
  for (const [name, type] of [
    ['cv-nl.pdf', 'application/pdf'],
    ['cv-nl.doc', 'application/msword'],
    ['cv-nl.docx', docx],
  ] as const) {
    const { status, json } = await target.upload(file(name), 'resume.exe', 'image/png');
    expect([name, status, json.content_type]).toEqual([name, 200, type]);
  }
  const other = await target.upload(Buffer.from('GIF89a, no document'), 'resume.pdf', 'application/pdf');
  expect(other.status).toBeGreaterThanOrEqual(400);
});

prove('upload-used-once', async () => {
  const { json } = await target.upload(file('cv-nl.pdf'), 'resume.pdf', 'application/pdf');
  // The name of the field is not documented where it could be read.
  const reference = { [facts.cvField ?? 'cv']: { carv_file_id: json.carv_file_id } };
  expect((await target.rest('POST', '/v1/candidates', { ...candidate(), ...reference })).status).toBe(202);
  const again = await target.rest('POST', '/v1/candidates', { ...candidate(), ...reference });
  expect(again.status).toBeGreaterThanOrEqual(400);
  expect(again.status).toBeLessThan(500);
});
