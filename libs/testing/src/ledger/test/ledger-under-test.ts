import { join } from 'node:path';
import { catalogue } from '@millrace/contracts';
import { createKafkaClient, KafkaCluster } from '@millrace/kafka';
import { openDatabase } from '@millrace/postgres';
import type { Database } from '@millrace/postgres';
import { applyCatalogue } from '../../apply-catalogue';
import { silentLogger } from '../../silent-logger';
import { startTestStack } from '../../test-stack';
import type { TestStack } from '../../test-stack';
import { waitFor } from '../../wait-for';
import { checkLedger } from '../check/check-ledger';
import type { Evidence } from '../evidence';
import { isClean } from '../findings';
import type { Findings, Invariant } from '../findings';
import { gatherEvidence } from '../gather/gather-evidence';
import { sampleLags } from '../gather/sample-lags';
import { LedgerGenerator } from '../generate/ledger-generator';
import type { GeneratorSummary } from '../generate/ledger-generator';

type Broken = Partial<Record<Invariant, Pick<Findings, 'missing' | 'extra'>>>;

/** What is found, of those invariants alone that do not hold. */
export function broken(evidence: Evidence): Broken {
  const findings = checkLedger(evidence).filter((each) => !isClean([each]));
  return Object.fromEntries(findings.map(({ invariant, missing, extra }) => [invariant, { missing, extra }]));
}

/** The services with the group and the projections of the ledger, on a stack of the test's own. */
export class LedgerUnderTest {
  private published: GeneratorSummary | undefined;
  private readonly cluster: KafkaCluster;
  /** A single connection, so that what is planted in a transaction is what the reader of the evidence sees. */
  private readonly database: Database;

  private constructor(
    private readonly stack: TestStack,
    readonly producerUrl: string,
  ) {
    const { kafkaBrokers: brokers, databaseUrl: url } = stack.addresses;
    this.cluster = new KafkaCluster(createKafkaClient({ brokers, clientId: 'specs', log: silentLogger }));
    this.database = openDatabase({ url, applicationName: 'specs', poolSize: 1, log: silentLogger });
  }

  static async start(): Promise<LedgerUnderTest> {
    const stack = await startTestStack();
    const { kafkaBrokers: brokers, schemaRegistryUrl: registryUrl } = stack.addresses;
    await applyCatalogue(catalogue, { brokers, registryUrl });
    const [producer] = await Promise.all([
      stack.startService('producer', {}),
      stack.startService('consumer', {
        CONSUMER_GROUPS: 'tools/faults/groups/ledger,tools/faults/groups/outside',
      }),
      stack.startService('projection', {
        PROJECTIONS: 'tools/faults/projections/ledger-last,tools/faults/projections/ledger-sum',
      }),
    ]);
    return new LedgerUnderTest(stack, producer.url);
  }

  /** What was published. */
  get summary(): GeneratorSummary {
    if (this.published === undefined) throw new Error('nothing was published yet');
    return this.published;
  }

  /** Publishes at least so many events. */
  async publish(events: number): Promise<void> {
    const generator = await LedgerGenerator.start({
      run: 'r1',
      seed: 1,
      producerUrls: [this.producerUrl],
      file: this.attemptsFile,
      eventsPerSecond: 200,
      keys: 8,
      repeatShare: 0.05,
      invalidShare: 0.05,
    });
    try {
      await waitFor('the events to be published', () => {
        if (generator.summary.events >= events) return true;
        throw new Error(JSON.stringify(generator.summary));
      });
    } finally {
      this.published = await generator.stop();
    }
  }

  /** The evidence, once the readers are done. */
  async gather(): Promise<Evidence> {
    await waitFor('the readers to be done', async () => {
      return (await sampleLags(this.cluster, this.database)).every(({ lag }) => lag === 0n);
    });
    return this.read();
  }

  /** What is found after a change of the database, which is then taken back. */
  async findAfter(change: string, values: unknown[]): Promise<Broken> {
    await this.database.query('BEGIN');
    try {
      await this.database.query(change, values);
      return broken(await this.read());
    } finally {
      await this.database.query('ROLLBACK');
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.cluster.close(), this.database.end()]);
    await this.stack.stop();
  }

  private get attemptsFile(): string {
    return join(this.stack.directory, 'attempts.ndjson');
  }

  private async read(): Promise<Evidence> {
    const { kafkaBrokers: brokers, schemaRegistryUrl: registryUrl } = this.stack.addresses;
    const { attemptsFile, database } = this;
    return gatherEvidence({ attemptsFile, brokers, registryUrl, database });
  }
}
