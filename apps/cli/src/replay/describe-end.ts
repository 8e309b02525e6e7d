import { describeDifference } from '../projections/describe-difference';
import type { DifferenceWording } from '../projections/describe-difference';
import type { Proof, Run, Swap } from './answers';
import { haltedPartitions } from './exit-code';
import { buildName, commandLine, count, counted, percent, runName, standstill } from './wording';

/** What a person reads when a watch ends: what came of the run, why, and what to do next. */
export function describeEnd(run: Run, emphasise?: DifferenceWording['emphasise']): string[] {
  const { id, projection, proof, reason, state } = run;
  const why = reason ? [`  ${reason}`] : [];
  // The rows say more than the reason that was made of them.
  const whatDiffers = proof ? [...differenceLines(proof), ...exampleLines(proof)] : why;
  switch (state) {
    case 'done':
      return run.kind === 'verify' ? describeVerified(run, emphasise) : describeDone(run);
    case 'refused':
      return [
        `replay ${id} of ${projection} was refused by the proof: the same logic gave other rows. The live build stays.`,
        ...whatDiffers,
        'Both tables are kept, so that you can look. To drop the rebuilt one:',
        `  ${commandLine(`replay cancel ${id}`)}`,
      ];
    case 'review':
      if (proof?.equal === true) return describeHeld(run);
      return [
        `replay ${id} of ${projection} waits for approval: the logic is another one, and this is what differs.`,
        ...whatDiffers,
        'To let it go live, or not:',
        `  ${commandLine(`replay approve ${id}`)}`,
        `  ${commandLine(`replay cancel ${id}`)}`,
      ];
    case 'cancelled':
      return [`${runName(run)} was cancelled; the live build was not touched`, ...why];
    case 'building':
    case 'proving':
    case 'swapping':
      return [
        `${runName(run)} stands still while ${state}:`,
        ...haltedPartitions(run).map((partition) => `  ${standstill(partition)}`),
        'Mend the cause and restart the process that folds it; then:',
        `  ${commandLine(`replay watch ${id}`)}`,
      ];
  }
}

/** What a verification has found. */
function describeVerified(run: Run, emphasise: DifferenceWording['emphasise']): string[] {
  const { proof, sample, replaces, projection } = run;
  if (!proof) return [`${runName(run)} is done`];
  const of = replaces ? ` (${buildName(replaces)})` : '';
  const part = sample === undefined ? '' : `, in a sample of ${percent(sample.share)} of the keys`;
  if (proof.equal) {
    return [
      `${runName(run)}${of}: the live rows are what the log says${part}`,
      `  ${counted(proof.live.rows, 'row')}, digest ${proof.live.digest} on both sides`,
      `  at ${proof.positions.join(', ') || 'the start of the log'}`,
    ];
  }
  const wording = { other: 'in the log', ...(emphasise === undefined ? {} : { emphasise }) };
  return [
    `${runName(run)}${of}: the live rows are not what the log says${part}`,
    ...describeDifference(proof, wording),
    'Nothing was changed. The causes are those of a refused rebuild: see "When it is refused" in docs/guides/replay.md.',
    `To see this again: ${commandLine(`projections show ${projection}`)}`,
  ];
}

function describeHeld({ id, projection, proof }: Run): string[] {
  return [
    `replay ${id} of ${projection} is held, and waits for you.`,
    ...proofLines(proof),
    'To let it go live, or not:',
    `  ${commandLine(`projections swap ${projection}`)}`,
    `  ${commandLine(`replay cancel ${id}`)}`,
  ];
}

function describeDone({ id, projection, proof, swap, replaces, ...built }: Run): string[] {
  const live = `replay ${id} is done: ${projection} is served from ${buildName(built)}`;
  const kept = [
    ...(swap ? [swapLine(swap)] : []),
    ...(replaces
      ? [
          `${buildName(replaces)} goes on folding until you decide:`,
          `  ${commandLine(`projections rollback ${projection}`)}   goes back to it`,
          `  ${commandLine(`projections release ${projection}`)}    gives it up`,
        ]
      : []),
  ];
  return [live, ...proofLines(proof), ...kept];
}

/** `folding was held for 12 ms at the swap (1 attempt)`. */
export function swapLine({ attempts, pauseMs }: Swap): string {
  return `folding was held for ${count(Math.round(pauseMs))} ms at the swap (${counted(attempts, 'attempt')})`;
}

function proofLines(proof: Proof | null | undefined): string[] {
  if (!proof) return ['no build was live before, so there was nothing to compare it with'];
  if (!proof.equal) return ['it differs from the build before, as was approved:', ...differenceLines(proof)];
  return [
    `proven equal: ${counted(proof.rebuilt.rows, 'row')}, digest ${proof.rebuilt.digest} on both sides`,
    `  at ${proof.positions.join(', ') || 'the start of the log'}`,
  ];
}

function differenceLines({ live, rebuilt, differing, positions }: Proof): string[] {
  return [
    `  live     ${counted(live.rows, 'row')}, digest ${live.digest}`,
    `  rebuilt  ${counted(rebuilt.rows, 'row')}, digest ${rebuilt.digest}`,
    `  at ${positions.join(', ') || 'the start of the log'}`,
    `  ${counted(differing.keys, 'key')} differ${differing.keys === '1' ? 's' : ''}: ${count(differing.changed)} changed, ${count(differing.onlyLive)} only live, ${count(differing.onlyRebuilt)} only rebuilt`,
  ];
}

function exampleLines({ differing: { keys, examples } }: Proof): string[] {
  const rest = BigInt(keys) - BigInt(new Set(examples.map(({ key }) => key)).size);
  return [
    ...examples.flatMap(({ key, partition, live, rebuilt }) => [
      `  ${key}${partition === undefined ? '' : ` (${partition})`}`,
      `    live     ${live === null ? 'no row' : JSON.stringify(live)}`,
      `    rebuilt  ${rebuilt === null ? 'no row' : JSON.stringify(rebuilt)}`,
    ]),
    ...(rest > 0n ? [`  … and ${counted(rest, 'more key')}`] : []),
  ];
}
