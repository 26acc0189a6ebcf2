import { describe, expect, it } from '@jest/globals';
import { WebhookDeliveries, type Delivery } from './delivery.js';
import { OffsetTracker } from './offset-tracker.js';
import type { PostResult, WebhookPost } from './post-webhook.js';

const delivery = (alertId: string, transition = 0, url = 'http://a/'): Delivery => ({
  url,
  alertId,
  idempotencyKey: `${alertId}:${transition}`,
  body: '{}',
});

const answering = (...results: readonly PostResult['kind'][]) => {
  const posts: string[] = [];
  return {
    posts,
    post: ({ idempotencyKey }: WebhookPost): Promise<PostResult> => {
      posts.push(idempotencyKey);
      const kind = results[posts.length - 1] ?? results.at(-1) ?? 'delivered';
      return Promise.resolve(kind === 'delivered' ? { kind } : { kind, reason: 'because' });
    },
  };
};

describe('WebhookDeliveries', () => {
  it('tries again until it is delivered', async () => {
    const { post, posts } = answering('failed', 'failed', 'delivered');
    expect(await new WebhookDeliveries({ post, firstPauseMs: 1 }).deliver(delivery('a'))).toEqual({
      kind: 'delivered',
    });
    expect(posts).toEqual(['a:0', 'a:0', 'a:0']);
  });

  it('gives up after the last try', async () => {
    const { post, posts } = answering('failed');
    const end = await new WebhookDeliveries({ post, firstPauseMs: 0.01, maxTries: 8 }).deliver(delivery('a'));
    expect(end).toEqual({ kind: 'given-up', why: 'exhausted', reason: 'because, after 8 attempts' });
    expect(posts).toHaveLength(8);
  });

  it('does not repeat what was refused', async () => {
    const { post, posts } = answering('refused');
    expect(await new WebhookDeliveries({ post }).deliver(delivery('a'))).toMatchObject({ why: 'refused' });
    expect(posts).toHaveLength(1);
  });

  it('keeps the order of one alert, and lets others of the URL pass', async () => {
    const { post, posts } = answering('failed', 'delivered');
    const deliveries = new WebhookDeliveries({ post, firstPauseMs: 20 });
    await Promise.all([
      deliveries.deliver(delivery('a', 0)),
      deliveries.deliver(delivery('a', 1)),
      deliveries.deliver(delivery('b', 0)),
    ]);
    expect(posts.filter((key) => key.startsWith('a'))).toEqual(['a:0', 'a:0', 'a:1']);
    expect(posts.indexOf('b:0')).toBeLessThan(posts.lastIndexOf('a:0'));
  });

  it('bounds each URL by itself: a slow one holds up no other', async () => {
    let free: () => void = () => undefined;
    const held = new Promise<PostResult>((resolve) => {
      free = () => resolve({ kind: 'delivered' });
    });
    const post = ({ url }: WebhookPost): Promise<PostResult> =>
      url.includes('slow') ? held : Promise.resolve({ kind: 'delivered' });
    const deliveries = new WebhookDeliveries({ post, maxPerUrl: 6 });
    const slow = ['1', '2', '3', '4', '5', '6'].map((id) => deliveries.deliver(delivery(id, 0, 'http://slow/')));
    expect(await deliveries.deliver(delivery('7', 0, 'http://slow/'))).toMatchObject({ why: 'overflow' });
    expect(await deliveries.deliver(delivery('8', 0, 'http://fast/'))).toEqual({ kind: 'delivered' });
    free();
    expect((await Promise.all(slow)).every(({ kind }) => kind === 'delivered')).toBe(true);
  });

  it('ends what waits as stopped', async () => {
    const { post } = answering('failed');
    const deliveries = new WebhookDeliveries({ post, firstPauseMs: 3_600_000 });
    const waiting = deliveries.deliver(delivery('a'));
    const behind = deliveries.deliver(delivery('a', 1));
    await new Promise((resolve) => setImmediate(resolve));
    await deliveries.stop();
    expect([await waiting, await behind]).toEqual([{ kind: 'stopped' }, { kind: 'stopped' }]);
  });
});

describe('OffsetTracker', () => {
  it('lets a position be committed only when everything before it is done', () => {
    const tracker = new OffsetTracker();
    expect(tracker.due()).toBeUndefined();
    expect([5, 6, 7].map((offset) => tracker.begin(offset))).toEqual([true, true, true]);
    tracker.end(6);
    expect(tracker.due()).toBe(5);
    tracker.end(5);
    expect(tracker.due()).toBe(7);
    tracker.didCommit(7);
    expect(tracker.due()).toBeUndefined();
    tracker.end(7);
    expect(tracker.due()).toBe(8);
    expect(tracker.begin(6)).toBe(false);
    expect(tracker.begin(9)).toBe(true);
    expect(tracker.due()).toBe(9);
  });
});
