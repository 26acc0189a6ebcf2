import { topicName } from '@earshot/contracts';
import { describe, expect, it, jest } from '@jest/globals';
import { Congestion } from './congestion.js';

const SENSOR = { tenantId: 't', sensorId: 's' };
const lag = {
  groupId: 'earshot.feature-extraction',
  topic: topicName('audio'),
  maxAgeMs: 15_000,
};

/** A door before stages that lag until told otherwise; `admit` gives the code of the refusal, or null. */
const open = () => {
  let lagging = true;
  const lags = { behind: () => (lagging ? [lag] : []), partitionOf: () => 0 };
  const congestion = new Congestion(lags, 'earshot', { mayEnter: () => true, passed: () => undefined });
  return {
    admit: async () => (await congestion.admit(SENSOR, 'audio', 'grpc', 1_000))?.code ?? null,
    catchUp: () => {
      lagging = false;
    },
  };
};

describe('frames of one sensor that are held', () => {
  it('go on in order once the stages have caught up', async () => {
    const door = open();
    const order: number[] = [];
    const held = [0, 1, 2].map((number) => door.admit().then(() => order.push(number)));
    door.catchUp();
    await Promise.all(held);
    expect(order).toEqual([0, 1, 2]);
    expect(await door.admit()).toBeNull();
  });

  it('do not overtake one that is sent away', async () => {
    jest.useFakeTimers({ doNotFake: ['performance'] });
    const now = jest.spyOn(performance, 'now');
    try {
      const door = open();
      now.mockReturnValue(0);
      const first = door.admit();
      now.mockReturnValue(4_000);
      const second = door.admit();
      now.mockReturnValue(5_000);
      // The first has waited its time; the stages catch up just after.
      void first.then(() => door.catchUp());
      await jest.advanceTimersByTimeAsync(1_000);
      expect(await Promise.all([first, second])).toEqual(['overloaded', 'overloaded']);
      expect(await door.admit()).toBeNull();
    } finally {
      now.mockRestore();
      jest.useRealTimers();
    }
  });
});
