import { Controller, Inject } from '@nestjs/common';
import { notReplayable, type Found } from '@earshot/platform/dlq';

import { endpoints } from '../endpoints.js';
import type { InputOf } from '../http/endpoint.js';
import { ApiError } from '../http/errors.js';
import { Input, Serves } from '../http/serves.js';
import type { DeadLetters } from '../store/dead-letters.js';
import { DEAD_LETTERS } from '../tokens.js';

const jsonOf = ({ letter: { key, ...letter } }: Found) => ({
  ...letter,
  sensorId: key.slice(key.indexOf('/') + 1),
  replayable: notReplayable({ key, ...letter }) === null,
});

/** Dead letters of the caller's tenant. */
@Controller('v1')
export class DeadLettersController {
  constructor(@Inject(DEAD_LETTERS) private readonly letters: DeadLetters) {}

  @Serves(endpoints.listDeadLetters)
  async list(@Input() { tenantId, query }: InputOf<typeof endpoints.listDeadLetters>) {
    const { limit, sensorId, topic, reason, stage } = query;
    const filter = {
      key: sensorId === undefined ? tenantId : `${tenantId}/${sensorId}`,
      ...(topic === undefined ? {} : { topic }),
      ...(reason === undefined ? {} : { reason }),
      ...(stage === undefined ? {} : { stage }),
    };
    const found = await this.letters.list(filter, limit);
    return { items: found.map(jsonOf).reverse(), nextCursor: null };
  }

  @Serves(endpoints.getDeadLetter)
  async get(@Input() { tenantId, parameters }: InputOf<typeof endpoints.getDeadLetter>) {
    const found = await this.one(tenantId, parameters);
    return { ...jsonOf(found), valueBase64: Buffer.from(found.record.value ?? []).toString('base64') };
  }

  @Serves(endpoints.replayDeadLetter)
  async replay(@Input() { tenantId, parameters }: InputOf<typeof endpoints.replayDeadLetter>) {
    const found = await this.one(tenantId, parameters);
    const why = notReplayable(found.letter);
    if (why !== null) throw new ApiError('conflict', why);
    await this.letters.replay(found);
    return { id: found.letter.id, topic: found.letter.topic };
  }

  private async one(
    tenantId: string,
    { topic, partition, offset }: InputOf<typeof endpoints.getDeadLetter>['parameters'],
  ): Promise<Found> {
    const id = `${topic}/${partition}/${offset}`;
    const one = await this.letters.get(tenantId, id);
    if (one === undefined) throw new ApiError('not_found', `there is no dead letter ${id}`);
    return one;
  }
}
