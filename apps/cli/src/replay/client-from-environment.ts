import { defineConfiguration, parseConfiguration } from '@millrace/service';
import { replayVariables } from '../configuration';
import { ReplayClient } from './replay-client';

/** The replay service that REPLAY_URL names. @throws ConfigurationError CONFIGURATION_INVALID */
export function clientFromEnvironment(): ReplayClient {
  const { REPLAY_URL } = parseConfiguration(defineConfiguration(replayVariables), process.env);
  return new ReplayClient(REPLAY_URL);
}
