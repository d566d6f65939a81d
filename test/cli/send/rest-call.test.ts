import { expect, test } from 'vitest';
import { restCall } from '../../../src/cli/send/rest-call.ts';

test('what is null stands in no header', () => {
  const fields = { event_id: null, client_id: 'acme-corp', user_id: null, candidate_id: 'c-1' };
  const { headers } = restCall({ event: 'candidate.created', ...fields });
  expect(headers).toEqual({ 'Content-Type': 'application/json', 'X-ATS-Client-ID': 'acme-corp' });
});
