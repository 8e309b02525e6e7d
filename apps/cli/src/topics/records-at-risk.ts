import type { TopicChange } from '@millrace/kafka';

type Setting = Extract<TopicChange, { kind: 'configure' }>['settings'][number];

/** What a changed setting would take from the log, in words; undefined when every record stays as long as it would have. */
export function recordsAtRisk({ name, from, to }: Setting): string | undefined {
  if (name === 'retention.ms' && lasts(to) < lasts(from))
    return 'Kafka would delete records that are kept now';
  if (name !== 'cleanup.policy') return undefined;
  const gains = (policy: string): boolean =>
    to.split(',').includes(policy) && !from.split(',').includes(policy);
  if (gains('compact')) return 'Kafka would remove all but the last record of each key';
  return gains('delete') ? 'Kafka would delete records by their age' : undefined;
}

/** Takes the settings that put records at risk out of a plan, each as a refusal. */
export function withoutRisks(changes: readonly TopicChange[]): TopicChange[] {
  return changes.flatMap((change): TopicChange[] => {
    if (change.kind !== 'configure') return [change];
    const { topic } = change;
    const safe = change.settings.filter((setting) => recordsAtRisk(setting) === undefined);
    const refused = change.settings.flatMap((setting): TopicChange[] => {
      const risk = recordsAtRisk(setting);
      if (risk === undefined) return [];
      const { name, from, to } = setting;
      const reason = `${name} ${from} -> ${to}: ${risk}; --allow-deletion makes this change as well`;
      return [{ kind: 'refuse', topic, reason }];
    });
    return [...(safe.length > 0 ? [{ kind: 'configure' as const, topic, settings: safe }] : []), ...refused];
  });
}

function lasts(retentionMs: string): number {
  return retentionMs === '-1' ? Infinity : Number(retentionMs);
}
