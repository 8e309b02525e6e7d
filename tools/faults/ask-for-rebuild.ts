import type { Patient } from './patient';

const ANSWER_WITHIN_MS = 10_000;

/** What the replay service answered. */
export interface RebuildAnswer {
  /** 201: begun. 409: one is under way already. 422: refused. */
  readonly status: number;
  readonly body: string;
}

/** Gives up the build that was kept, and asks for another one. @throws when the service is away or does not answer. */
export async function askForRebuild(patient: Patient, projection: string): Promise<RebuildAnswer> {
  const post = (path: string, body?: object) =>
    fetch(`${patient.url('replay')}${path}`, {
      method: 'POST',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  await post(`/v1/projections/${projection}/release`);
  const answer = await post('/v1/replays', { kind: 'rebuild', projection });
  return { status: answer.status, body: await answer.text() };
}
