import { expect, test } from 'vitest';
import { explainStatus } from '../../src/client/explain-status.ts';
import { maskLocation } from '../../src/contract/mask-url.ts';
import { answerWords } from '../../src/transport/answer-words.ts';

const url = 'http://localhost:3000/hook';
const explain = (status: number, answer: string | null = null, location: string | null = null) =>
  explainStatus(status, { url, words: answer === null ? null : answerWords(answer), location });

test.each([301, 400, 401, 403, 404, 405, 409, 410, 415, 419, 422, 429, 500, 502, 503])(
  "a receiver's own words are quoted: %i",
  (status) =>
    expect(explain(status, 'No, because of the moon')).toContain('It says: No, because of the moon'),
);

test('a 401 about the time does not send anybody after the secret', () => {
  expect(explain(401, 'Timestamp too old')).toBe(
    '401: the receiver refuses the webhook. It says: Timestamp too old. It seems to be about the time: compare both clocks, and count t in seconds.',
  );
  expect(explain(401, '{"error":"stale request"}')).not.toContain('secret');
  expect(explain(401)).toContain('CARVOS_OUTGOING_SECRET');
});

test('a redirect shows where it leads, without what may be secret; 304 is none', () => {
  expect(explain(301, null, maskLocation('/hook/', url))).toContain(
    'It leads to http://localhost:3000/hook/.',
  );
  const login = maskLocation('https://sso.example/login?token=abc&next=%2Fhook', url);
  expect(explain(302, null, login)).toContain(
    'It leads to https://sso.example/login?token=hidden&next=hidden.',
  );
  expect(explain(302, null, login)).toContain('looks like a login');
  expect(explain(308)).toContain('follows no redirect');
  expect(explain(304)).not.toContain('redirect');
});

/** As Django 5 writes it with DEBUG, cut to its form. */
const DJANGO = `<!DOCTYPE html>\n<html lang="en">\n<head>\n  <title>403 Forbidden</title>\n  <style>\n${'html * { padding:0; }\n'.repeat(40)}</style>\n</head>\n<body>\n<div id="summary">\n  <h1>Forbidden <span>(403)</span></h1>\n  <p>CSRF verification failed. Request aborted.</p>`;

test.each([
  [403, DJANGO],
  [403, 'ForbiddenError: invalid csrf token'],
  [
    400,
    '<!doctype html>\n<html lang=en>\n<title>400 Bad Request</title>\n<h1>Bad Request</h1>\n<p>The CSRF token is missing.</p>',
  ],
  [422, 'ActionController::InvalidAuthenticityToken'],
  [419, '{"message": "CSRF token mismatch."}'],
  [419, null],
])("a framework's CSRF check is recognized: %i", (status, answer) => {
  const hint = explain(status, answer);
  expect(hint).toMatch(
    answer === null ? /seems to be a framework's CSRF check/ : /is a framework's CSRF check/,
  );
  expect(hint).not.toContain('<');
});

test('a 403 of another kind names what may be behind it as a guess; TLS asked for by HTTP is told', () => {
  expect(explain(403, 'Forbidden')).toMatch(
    /It says: Forbidden\. If no code of yours .* may stand before it/,
  );
  expect(
    explain(400, '<html><head></head><body><center>The plain HTTP request was sent to HTTPS port</center>'),
  ).toContain('Use https://');
  expect(explain(400, 'Client sent an HTTP request to an HTTPS server.\n')).toContain('Use https://');
});
