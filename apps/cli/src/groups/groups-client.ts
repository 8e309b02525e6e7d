import { askService, whyUnanswered } from '../ask-service';
import type { Fetcher, ServiceAnswer } from '../ask-service';
import type { Group } from './answers';
import {
  ConsumerAnswerUnreadableError,
  ConsumerProblemError,
  ConsumerUnreachableError,
} from './groups-errors';

const TIMEOUT_MS = 10_000;

/**
 * The HTTP interface of a consumer.
 * Every call throws CONSUMER_UNREACHABLE, CONSUMER_ANSWER_UNREADABLE, or CONSUMER_PROBLEM with what it was answered.
 */
export class GroupsClient {
  constructor(
    private readonly url: string,
    private readonly fetcher: Fetcher = fetch,
  ) {}

  /** The groups that the process hosts. */
  async list(): Promise<{ readonly groups: readonly Group[] }> {
    return this.read('groups', 'groups');
  }

  async show(group: string): Promise<Group> {
    return this.read(`groups/${encodeURIComponent(group)}`, 'partitions');
  }

  /** @param member One that the answer has when it is what was asked for. */
  private async read<Answer>(path: string, member: keyof Answer & string): Promise<Answer> {
    const { status, ok, body } = await this.exchange(path);
    if (body !== undefined && !ok) throw new ConsumerProblemError(this.url, { ...body, status });
    if (body === undefined || !(member in body)) throw new ConsumerAnswerUnreadableError(this.url, status);
    return body as Answer;
  }

  private async exchange(path: string): Promise<ServiceAnswer> {
    try {
      const init = { signal: AbortSignal.timeout(TIMEOUT_MS) };
      return await askService(this.fetcher, { url: this.url, path, init });
    } catch (cause) {
      throw new ConsumerUnreachableError(this.url, whyUnanswered(cause), cause);
    }
  }
}
