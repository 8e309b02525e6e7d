import type { Build, PartitionProgress, Refusal, Run } from './answers';

/** A count as people write it: `40,000`. */
export function count(value: string | number | bigint): string {
  return BigInt(value).toLocaleString('en-US');
}

/** A count and its noun: `1 row`, `2,000 rows`. */
export function counted(value: string | number | bigint, noun: string): string {
  return `${count(value)} ${noun}${BigInt(value) === 1n ? '' : 's'}`;
}

/** A time left: `3 s`, `2 min 5 s`, `1 h 4 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}

/** A size: `8.0 KiB`, `1.2 GiB`. */
export function bytes(value: string): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let [size, unit] = [Number(value), 0];
  while (size >= 1_024 && unit < units.length - 1) [size, unit] = [size / 1_024, unit + 1];
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}

/** A share: `1%`, `0.25%`. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))}%`;
}

/** How long ago something was: `3 s ago`, `2 d 4 h ago`. */
export function ago(iso: string, nowMs: number): string {
  const seconds = Math.max(0, (nowMs - Date.parse(iso)) / 1_000);
  const hours = Math.floor(seconds / 3_600);
  return `${hours < 24 ? duration(seconds) : `${Math.floor(hours / 24)} d ${hours % 24} h`} ago`;
}

/** `2026-11-24 02:10:05Z`. */
export function moment(iso: string): string {
  return iso.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
}

/** `replay 7 of flight`; `replay 7, a verification of flight`. */
export function runName({ id, kind, projection }: Pick<Run, 'id' | 'kind' | 'projection'>): string {
  return `replay ${id}${kind === 'verify' ? ', a verification' : ''} of ${projection}`;
}

/** `version 1, build 2`. */
export function buildName({ version, build }: Build): string {
  return `version ${version}, build ${build}`;
}

/** What to type in this shell to run a command: `npm run millrace -- …` for those who came that way. */
export function commandLine(command: string): string {
  const prefix = process.env['npm_lifecycle_event'] === 'millrace' ? 'npm run millrace -- ' : 'millrace ';
  return `${prefix}${command}`;
}

/** Thousandths of the events that are folded, from 0 to 1000. Nothing to fold counts as all of it. */
export function permille({ progress }: Run): number {
  const [done, total] = [BigInt(progress.done), BigInt(progress.total)];
  if (done >= total) return 1_000;
  return Number((done * 1_000n) / total);
}

/** What the run does now: `building`, `paused while building`. */
export function activity({ state, paused }: Run): string {
  return paused ? `paused while ${state}` : state;
}

/** How far it is, in words: `4,000 of 40,000 events, 9,000/s, 3 s left`. What is not known is left out. */
export function progressText({ progress }: Run): string {
  const { done, total, eventsPerSecond, secondsLeft } = progress;
  return [
    `${count(done)} of ${count(total)} events`,
    ...(eventsPerSecond === null ? [] : [`${count(Math.round(eventsPerSecond))}/s`]),
    ...(secondsLeft === null ? [] : [`${duration(secondsLeft)} left`]),
  ].join(', ');
}

/** Where and why a partition stands still: `flights/3 is halted at offset 123: …`. */
export function standstill({ topic, partition, state, position, reason }: PartitionProgress): string {
  return `${topic}/${partition} is ${state} at offset ${position}: ${reason ?? 'no reason is known'}`;
}

/** One refusal in two lines. */
export function refusalLines({ check, where, reason, remedy }: Refusal): string[] {
  return [`  ✗ ${where} (${check}): ${reason}`, `    way out: ${remedy}`];
}
