import type { Router } from 'express';
import { OUTPUT_VERSION } from '../../contract/control.ts';
import { MeetingRequest } from '../../contract/meeting.ts';
import type { ControlParts } from './parts.ts';
import { findAts, parseRequest, Refused } from './request.ts';

/** In production Carv's bot records meetings; here a call makes one happen. */
export function addMeetingRoutes(router: Router, { registry, meetings }: ControlParts): void {
  router.post('/meetings', async (request, response) => {
    const { ats_id, ...meeting } = parseRequest(MeetingRequest, request.body);
    const result = await meetings.record(findAts(registry, ats_id).id, meeting);
    if (!result.ok) throw new Refused(result.error.code, result.error.message);
    response.status(201).json({ version: OUTPUT_VERSION, ...result.meeting });
  });
}
