import { InvalidArgumentError } from 'commander';
import type { Sample } from '../replay/answers';

/**
 * `1%` or `0.5%` of the keys, or about so many of them: `200`.
 * @throws InvalidArgumentError
 */
export function parseSample(text: string): Sample {
  const [, number = '', percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim()) ?? [];
  const value = Number(number);
  if (percent === '%' && value > 0 && value <= 100) return { share: value / 100 };
  if (percent === '' && Number.isSafeInteger(value) && value >= 1) return { keys: value };
  throw new InvalidArgumentError('Expected a share of the keys such as 1%, or a number of keys such as 200.');
}
