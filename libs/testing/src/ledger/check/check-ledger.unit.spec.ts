import * as fc from 'fast-check';
import type { Evidence } from '../evidence';
import { describeFindings, isClean } from '../findings';
import { cleanHistories, cleanHistory } from '../test/clean-history';
import { checkLedger } from './check-ledger';

function without<Item>(items: readonly Item[], index: number): Item[] {
  return items.toSpliced(index % items.length, 1);
}

const broken = (evidence: Evidence) =>
  checkLedger(evidence)
    .filter((findings) => !isClean([findings]))
    .map(({ invariant }) => invariant);

describe('checkLedger', () => {
  it('finds nothing in what a faultless platform leaves behind', () => {
    fc.assert(fc.property(cleanHistories, (evidence) => expect(broken(evidence)).toEqual([])));
  });

  it('sees every effect that is lost, with its id', () => {
    fc.assert(
      fc.property(cleanHistories, fc.nat(), (evidence, index) => {
        const lost = evidence.effects[index % evidence.effects.length]!;
        const findings = checkLedger({ ...evidence, effects: without(evidence.effects, index) });
        expect(findings).toContainEqual(
          expect.objectContaining({ invariant: 'one-effect', missing: [lost.id] }),
        );
        expect(findings).toContainEqual(
          expect.objectContaining({ invariant: 'consumed-once', missing: [lost.id] }),
        );
        expect(findings).toContainEqual(
          expect.objectContaining({ invariant: 'positions-pass-nothing', missing: [lost.id] }),
        );
      }),
    );
  });

  it('sees every event that nobody has called for, with its id', () => {
    fc.assert(
      fc.property(cleanHistories, fc.nat(), (evidence, index) => {
        const { id } = evidence.calls[index % evidence.calls.length]!;
        const findings = checkLedger({ ...evidence, calls: evidence.calls.filter((call) => call.id !== id) });
        expect(findings).toContainEqual(expect.objectContaining({ invariant: 'called-for', missing: [id] }));
        for (const invariant of ['consumed-once', 'positions-pass-nothing'])
          expect(findings).toContainEqual(
            expect.objectContaining({ invariant, missing: [`group/outside: ${id}`] }),
          );
      }),
    );
  });

  it('sees every acknowledged record that is lost, with its id', () => {
    fc.assert(
      fc.property(cleanHistories, fc.nat(), (evidence, index) => {
        const acknowledged = evidence.attempts.filter(({ outcome }) => outcome.outcome === 'acknowledged');
        const { id, outcome } = acknowledged[index % acknowledged.length]!;
        const log = evidence.log.filter(({ topic, partition, offset }) => {
          return outcome.outcome === 'acknowledged' && outcome.position !== `${topic}/${partition}/${offset}`;
        });
        expect(checkLedger({ ...evidence, log })).toContainEqual(
          expect.objectContaining({ invariant: 'acknowledged-in-log', missing: [id] }),
        );
      }),
    );
  });

  it('sees any other order of two neighbouring events of a key in the effects', () => {
    fc.assert(
      fc.property(cleanHistories, fc.nat(), (evidence, index) => {
        const pairs = evidence.effects.flatMap((one) => {
          const other = evidence.effects.find(({ key, number }) => key === one.key && number > one.number);
          return other === undefined ? [] : [[one, other] as const];
        });
        const [one, other] = pairs[index % pairs.length]!;
        const swapped = evidence.effects.map((effect) => {
          if (effect === one) return { ...effect, number: other.number };
          return effect === other ? { ...effect, number: one.number } : effect;
        });
        expect(broken({ ...evidence, effects: swapped })).toEqual(['order-per-key']);
      }),
    );
  });
});

describe('describeFindings', () => {
  it('says which invariants hold, and of the others what is missing and what happened to it', () => {
    const evidence = cleanHistory(1);
    const [lost, ...effects] = evidence.effects;
    const lines = describeFindings(checkLedger({ ...evidence, effects }));
    expect(lines).toContain('✓ every acknowledged event is in the log at its position');
    expect(lines).toContain('✗ every event in the log has exactly one committed effect (one-effect)');
    expect(lines).toContain(`  missing 1: ${lost!.id}`);
    expect(lines.join('\n')).toMatch(new RegExp(`record   ${lost!.id} seq 1 of #\\d+ at flights/`));
  });

  it('lists the first twenty ids and counts the others', () => {
    const missing = Array.from({ length: 23 }, (_, index) => `r-${index}`);
    const [, line] = describeFindings([{ invariant: 'one-effect', missing, extra: [] }]);
    expect(line).toMatch(/^ {2}missing 23: r-0, .*, r-19, and 3 more$/);
  });
});
