import { readApiKey } from '../stack/api-key.js';
import { readRecord } from '../stack/record.js';
import { UserError } from '../process/wait.js';
import type { SimulateOptions } from './options.js';

/** What was given; the rest is found. */
export type GivenEndpoints = {
  readonly [K in 'apiUrl' | 'apiKey' | 'mqttUrl' | 'grpcUrl']?: SimulateOptions[K] | undefined;
};

export interface SimulatorEndpoints {
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly mqttUrl: string;
  /** host:port */
  readonly grpcAddress: string;
}

/** From the options, else from what the stack wrote about itself, else the defaults. Throws `UserError` without a key. */
export const findEndpoints = (options: GivenEndpoints, stateDir: string): SimulatorEndpoints => {
  const record = readRecord(stateDir);
  const apiKey = options.apiKey ?? readApiKey(stateDir);
  if (apiKey === undefined || apiKey === '')
    throw new UserError('There is no API key: start the stack with `npm start`, or give --api-key or EARSHOT_API_KEY.');
  return {
    apiUrl: options.apiUrl ?? record?.apiUrl ?? 'http://localhost:8080',
    apiKey,
    mqttUrl: options.mqttUrl ?? record?.mqttUrl ?? 'mqtt://localhost:1883',
    grpcAddress: (options.grpcUrl ?? record?.grpcUrl ?? 'localhost:50051').replace(/^[a-z]+:\/\//, ''),
  };
};
