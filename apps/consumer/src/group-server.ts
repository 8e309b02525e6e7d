import './patches/no-interceptors';
import './patches/plain-parameters';
import { Server } from '@nestjs/microservices';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { Catalogue, Logger } from '@millrace/contracts';
import {
  checkGroupCoversTopics,
  GroupPartition,
  InvalidDefinitionError,
  ExternalPartition,
  fencingTokenOf,
  idempotencyKeyOf,
  longestTriesMs,
} from '@millrace/delivery';
import type {
  BreakerState,
  ConsumerGroup,
  DeadLetterRecord,
  ExternalDelivery,
  ExternalPartitionOptions,
  HostedGroup,
  PartitionObserver,
} from '@millrace/delivery';
import type { TopicPartition } from '@millrace/event';
import { OldDeadLetters, ParkingStore, RetentionJob } from '@millrace/postgres';
import type { DatabaseTransaction } from '@millrace/postgres';
import { GroupOffsets, LogReader } from '@millrace/reading';
import type { Servers } from '@millrace/reading';
import { Breakers, reportOf } from './breakers';
import type { DependencyReport } from './breakers';
import { DeadLetterTopics } from './dead-letter-topics';
import { GroupNotFoundError } from './errors';
import { EventDispatcher } from './event-dispatcher';
import type { EventHandler } from './event-dispatcher';
import { GroupMeter } from './metrics/group-meter';

export interface GroupServerOptions {
  readonly servers: Servers;
  readonly groups: readonly HostedGroup[];
  readonly catalogue: Catalogue;
  readonly log: Logger;
  /** How often dead letters are looked for that were kept long enough. Default 60,000 ms. */
  readonly retentionEveryMs?: number;
}

/**
 * Millrace's transport under Nest: hosts consumer groups whose handlers are ordinary `@EventPattern` methods.
 * Nest's own Kafka transport takes one record at a time, drops unmatched ones, and lets a poison record block.
 */
export class GroupServer extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true;
  /** What this process counts in each group that it hosts, from before the group runs. */
  readonly meters: ReadonlyMap<string, GroupMeter>;
  private readonly readers = new Map<string, LogReader>();
  private readonly stopping = new AbortController();
  private readonly deadLetters: DeadLetterTopics;
  private retention: RetentionJob | undefined;
  /** Of what the external handlers of this process call. */
  readonly breakers: Breakers;

  constructor(readonly options: GroupServerOptions) {
    super();
    this.meters = new Map(options.groups.map(({ group }) => [group.name, new GroupMeter()]));
    this.deadLetters = new DeadLetterTopics(options.servers, options.log);
    this.breakers = new Breakers(options.log, (dependency, state) => this.breakerChanged(dependency, state));
  }

  /**
   * Checks that every declared event has its handler, then starts the groups in the background: they begin as
   * soon as the servers can be reached. A lasting error of that start ends the process, as any unhandled one.
   */
  listen(callback: (error?: unknown) => void): void {
    const { groups, catalogue, servers } = this.options;
    try {
      const dispatches = groups.map(({ group }) => {
        checkGroupCoversTopics(group, catalogue.events);
        return { group, handlers: this.handlersOf(group) };
      });
      void this.start(dispatches, servers);
      callback();
    } catch (error) {
      callback(error);
    }
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await Promise.all([...this.readers.values()].map((reader) => reader.stop()));
    await this.retention?.stop();
    await this.deadLetters.close();
    await this.options.servers.close();
  }

  /** The running groups by name; empty until the servers were reached for the first time. */
  get running(): ReadonlyMap<string, LogReader> {
    return this.readers;
  }

  /** A group of this process. @throws GroupNotFoundError naming those that are here */
  find(name: string): { readonly group: ConsumerGroup; readonly reader: string; readonly meter: GroupMeter } {
    const groups = this.options.groups.map(({ group }) => group);
    const group = groups.find((each) => each.name === name);
    const meter = this.meters.get(name);
    if (group === undefined || meter === undefined)
      throw new GroupNotFoundError(
        name,
        groups.map((each) => each.name),
      );
    return { group, reader: readerOf(group), meter };
  }

  /** The circuit breaker of what a group's handlers call; undefined for one whose handlers are transactional. */
  dependencyOf(group: ConsumerGroup): DependencyReport | undefined {
    return group.kind === 'external' ? reportOf(this.breakers.of(group.calls.dependency)) : undefined;
  }

  /** For readiness. @throws an error that says why the group is not being read. */
  check(group: string): Record<string, unknown> {
    const reader = this.readers.get(group);
    if (reader === undefined) throw new Error('waiting for the servers to be reached for the first time');
    const dependency = this.dependencyOf(this.find(group).group);
    if (dependency !== undefined && dependency.state !== 'closed') {
      const { dependency: name, since, lastError } = dependency;
      throw new Error(`its handlers wait: ${name} has not answered since ${since}: ${lastError}`);
    }
    return reader.check();
  }

  override on(): never {
    throw new Error('The group server emits no events of its own; health and /v1/groups show what it does.');
  }

  override unwrap<Unwrapped>(): Unwrapped {
    return this.options.servers.kafka as Unwrapped;
  }

  private async start(
    dispatches: readonly { group: ConsumerGroup; handlers: ReadonlyMap<string, EventHandler> }[],
    servers: Servers,
  ): Promise<void> {
    const migrations = this.options.groups.flatMap(({ migrations: own }) => own ?? []);
    await servers.prepare({ migrations, signal: this.stopping.signal });
    if (this.stopping.signal.aborted) return;
    this.retention = this.keepDeadLetters();
    for (const { group, handlers } of dispatches) {
      const { log } = this.options;
      const name = readerOf(group);
      const dispatcher = new EventDispatcher(servers.codec, handlers);
      const lot = new ParkingStore(servers.database, name);
      const copies = new GroupOffsets(servers, { groupId: group.name, reader: name });
      const reader = new LogReader(servers, {
        groupId: group.name,
        reader: name,
        topics: group.topics,
        longestWorkMs: longestTriesMs(group),
        handlerFor: (at, parts) => {
          const observer = this.find(group.name).meter.partition(at);
          const deadLetters = {
            letters: lot,
            publish: (record: DeadLetterRecord) => this.deadLetters.publish(group, record),
          };
          const options = { ...parts, group, lot, copies, deadLetters, log, observer };
          if (group.kind === 'external') return this.externalPartition(at, options, dispatcher);
          return new GroupPartition<DatabaseTransaction>(at, {
            ...options,
            process: (transaction, records, signal) =>
              dispatcher.runAll(records, { transaction, signal }, observer),
          });
        },
        log,
      });
      this.readers.set(group.name, reader);
      reader.start();
    }
  }

  private keepDeadLetters(): RetentionJob {
    const { groups, servers, log, retentionEveryMs } = this.options;
    const old = groups.flatMap(({ group }) => {
      const { deadLetterRetentionMs: retentionMs } = group;
      if (retentionMs === 'unlimited') return [];
      return new OldDeadLetters(servers.database, { reader: readerOf(group), retentionMs, log });
    });
    const everyMs = retentionEveryMs === undefined ? {} : { everyMs: retentionEveryMs };
    return new RetentionJob(old, { what: 'dead letters', log, ...everyMs });
  }

  private externalPartition(
    at: TopicPartition,
    options: Omit<ExternalPartitionOptions<DatabaseTransaction>, 'breaker' | 'call'> & {
      readonly observer: PartitionObserver;
    },
    dispatcher: EventDispatcher,
  ): ExternalPartition<DatabaseTransaction> {
    const { group, observer } = options;
    const partition: ExternalPartition<DatabaseTransaction> = new ExternalPartition(at, {
      ...options,
      breaker: this.breakers.of(group.calls.dependency),
      call: (record, { signal, attempt }) =>
        dispatcher.run(record, observer, (metadata): ExternalDelivery => ({
          ...{ metadata, signal, attempt },
          idempotencyKey: idempotencyKeyOf(group.name, metadata),
          fencingToken: fencingTokenOf(partition.epoch, record.offset),
        })),
    });
    return partition;
  }

  /** A breaker is shared by all groups of this process that name its dependency. */
  private breakerChanged(dependency: string, state: BreakerState): void {
    for (const { group } of this.options.groups) {
      if (group.kind === 'external' && group.calls.dependency === dependency)
        this.meters.get(group.name)?.breakerChanged(dependency, state);
    }
  }

  private handlersOf(group: ConsumerGroup): ReadonlyMap<string, EventHandler> {
    const handlers = new Map<string, EventHandler>();
    const problems: string[] = [];
    for (const event of group.handles) {
      const single = this.getHandlerByPattern(JSON.stringify(group.on(event)));
      const batch =
        group.kind === 'external' ? null : this.getHandlerByPattern(JSON.stringify(group.onBatch(event)));
      const call = single ?? batch;
      const isOne = call?.next === undefined && (single === null || batch === null);
      if (call === null) problems.push(`no method carries @EventPattern for ${event.type}`);
      else if (!isOne) problems.push(`more than one method carries @EventPattern for ${event.type}`);
      else handlers.set(event.type, { call, isBatch: single === null });
    }
    if (problems.length > 0) throw new InvalidDefinitionError(`Consumer group ${group.name}`, problems);
    return handlers;
  }
}

/** Names a group's positions and parked records. */
function readerOf(group: ConsumerGroup): string {
  return `group/${group.name}`;
}
