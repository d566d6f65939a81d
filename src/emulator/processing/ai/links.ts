import { createHash, randomBytes } from 'node:crypto';
import type { ReadAnswer } from '../../../contract/ai.ts';
import type { AiJob } from '../backend.ts';

/** Used and outdated links that are remembered, so that a second use is told apart from an unknown one. */
const REMEMBERED = 20_000;

/** What became of a callback. */
export type CallbackVerdict = 'taken' | 'unknown' | 'used' | { problem: string };

export interface LinkedFile {
  atsId: string;
  clientId: string;
  fileId: string;
}

/** The single-use links of jobs that are at the AI service. */
export type AiLinks = ReturnType<typeof createAiLinks>;

/**
 * Kept in memory alone: a job that was in flight when the gateway stopped is asked again, with new
 * links, and those of before are unknown. Tokens are looked up by their hash, so that how long a look-up
 * takes says nothing about them.
 */
export function createAiLinks() {
  const callbacks = new Map<string, (body: Uint8Array) => CallbackVerdict>();
  const files = new Map<string, LinkedFile>();
  const used = new Set<string>();

  const keep = (key: string) => {
    used.add(key);
    if (used.size > REMEMBERED) used.delete(used.values().next().value!);
  };
  const lookUp = (key: string): LinkedFile | 'unknown' | 'used' =>
    files.get(key) ?? (used.has(key) ? 'used' : 'unknown');
  const newToken = () => randomBytes(24).toString('base64url');

  return {
    /**
     * Opens the callback of a job.
     *
     * @param read judges an answer; a bad one leaves the link open.
     */
    openCallback(read: (body: Uint8Array) => ReadAnswer) {
      const token = newToken();
      const key = hash(token);
      let problem: string | null = null;
      const close = () => {
        if (callbacks.delete(key)) keep(key);
      };
      const answer = new Promise<ReadAnswer>((resolve) => {
        callbacks.set(key, (body) => {
          const given = read(body);
          if (given.kind === 'bad') {
            problem = given.message;
            return { problem: given.message };
          }
          close();
          resolve(given);
          return 'taken';
        });
      });
      return {
        token,
        /** The first good answer. */
        answer,
        /** What was wrong with the last bad one. */
        get problem() {
          return problem;
        },
        /** Answers from now on are too late. */
        close,
      };
    },
    /** A link to the CV of a job; `null` where there is none. */
    openFile({ cv, ats_id, client_id }: AiJob): string | null {
      if (!cv) return null;
      const token = newToken();
      files.set(hash(token), { atsId: ats_id, clientId: client_id, fileId: cv.file_id });
      // One that nobody fetches must not stay for ever.
      if (files.size > REMEMBERED) files.delete(files.keys().next().value!);
      return token;
    },
    callBack(token: string, body: Uint8Array): CallbackVerdict {
      const key = hash(token);
      return callbacks.get(key)?.(body) ?? (used.has(key) ? 'used' : 'unknown');
    },
    /** The file of a link, which stays as it is. */
    lookUpFile: (token: string) => lookUp(hash(token)),
    /** Takes a link to a file: once. */
    takeFile(token: string) {
      const key = hash(token);
      const file = lookUp(key);
      if (files.delete(key)) keep(key);
      return file;
    },
  };
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
