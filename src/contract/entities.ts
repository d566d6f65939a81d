import * as z from 'zod';
import { MAX_ID_LENGTH, MAX_LIST_LENGTH } from './limits.ts';

/**
 * Entities as an ATS sends them (contract, section 4). Unknown extra fields are accepted and kept.
 * No schema here transforms: what was sent is what is stored and echoed.
 */

const SURROGATE = /\p{Surrogate}/u;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** Any text that UTF-8 can carry. */
export const Text = z.string().refine((text) => !SURROGATE.test(text), {
  error: 'Input should be a valid string, unable to parse raw data as a unicode string',
  params: { type: 'string_unicode' },
});

/** An identifier chosen by the ATS. */
export const Id = Text.min(1)
  .max(MAX_ID_LENGTH)
  .refine((id) => !CONTROL.test(id), {
    error: 'Value error, an identifier must not contain control characters',
    params: { type: 'value_error' },
  });

/** Not a judge of addresses: refuses only what no address can be. */
export const Email = Text.superRefine((email, context) => {
  const why = emailProblem(email);
  if (why === null) return;
  context.addIssue({
    code: 'custom',
    message: `value is not a valid email address: ${why}`,
    params: { type: 'value_error' },
  });
});

function emailProblem(email: string): string | null {
  const at = email.lastIndexOf('@');
  if (at < 0) return 'An email address must have an @-sign.';
  if (at === 0) return 'There must be something before the @-sign.';
  if (at === email.length - 1) return 'There must be something after the @-sign.';
  if (/\s/.test(email) || CONTROL.test(email)) return 'It must not contain spaces or control characters.';
  return null;
}

// The length first, so that a list of half a million wrong entries is one problem.
const TextList = z.array(z.unknown()).max(MAX_LIST_LENGTH).pipe(z.array(Text));

/** Prose, or a list of points. */
const TextOrList = z.union([Text, TextList], {
  error: 'Value error, should be a string or a list of strings',
});

/** A file from `POST /uploads`; can be referenced once. */
export const FileReference = z.looseObject({ carv_file_id: Id });

const optionalText = Text.nullish();

const candidateName = { first_name: Text, last_name: Text, email: Email };
const candidateDetails = {
  phone: optionalText,
  location: optionalText,
  headline: optionalText,
  skills: TextList.nullish(),
  cv: FileReference.nullish(),
};
const vacancyName = { title: Text };
const vacancyDetails = {
  description: optionalText,
  location: optionalText,
  employment_type: optionalText,
  requirements: TextOrList.nullish(),
};
const applicationLinks = { candidate_id: Id, vacancy_id: Id };
const applicationDetails = { stage: optionalText, applied_at: optionalText, cv: FileReference.nullish() };
/** By kind, the fields whose names could not be read in CarvOS's documentation. */
export const UNREAD_FIELDS: Record<string, readonly string[]> = {
  candidate: Object.keys(candidateDetails),
  vacancy: Object.keys(vacancyDetails),
  application: Object.keys(applicationDetails),
};

export const Candidate = z.looseObject({ candidate_id: Id, ...candidateName, ...candidateDetails });

export const Vacancy = z.looseObject({ vacancy_id: Id, ...vacancyName, ...vacancyDetails });

export const Application = z.looseObject({ application_id: Id, ...applicationLinks, ...applicationDetails });

/**
 * What an update may say: any part, as a JSON merge patch (RFC 7396). `null` removes an optional field;
 * a field that the entity needs cannot be removed, so `null` is refused there.
 */
export const CandidatePatch = z.looseObject({
  ...z.object(candidateName).partial().shape,
  ...candidateDetails,
});

export const VacancyPatch = z.looseObject({ ...z.object(vacancyName).partial().shape, ...vacancyDetails });

export const ApplicationPatch = z.looseObject({
  ...z.object(applicationLinks).partial().shape,
  ...applicationDetails,
});

/** A tenant; its `client_id` travels beside it in a webhook and inside it by REST. */
export const Workspace = z.looseObject({ name: Text, admin_name: Text, admin_email: Email });

/** A user of a workspace, as REST names the fields: body of `POST /v1/workspaces/{client_id}/members`. */
export const Member = z.looseObject({ user_id: Id, name: Text, email: Email });
