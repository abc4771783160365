import type { Connection } from 'mongoose';
import { z } from 'zod';
import { fromCloudEvent, type MarqueeEvent } from '../shared/events.ts';
import { listQuery } from '../shared/list.ts';
import { documentModel, insertNew, pageOf } from '../shared/mongo.ts';
import { notFound } from '../shared/problem.ts';
import { ok, type Route, route } from '../shared/route.ts';

type DeadLetter = { _id: string; type: string; subject: string; consumer: string; createdAt: string; event: MarqueeEvent };

/** Events that one consumer gave up on, kept as documents until an operator replays them. */
export function createDeadLetters(
  documents: Connection,
  consumer: string,
  publish: (events: readonly MarqueeEvent[]) => Promise<void>,
  onDead: () => void,
) {
  const letters = documentModel<DeadLetter>(documents, 'dead_letters', {
    type: String,
    subject: String,
    consumer: String,
    createdAt: String,
    event: {},
  });

  /** Keeps it once; what is no event of ours has nothing that could be replayed and is let go. */
  const keep = async (envelope: unknown): Promise<void> => {
    const event = fromCloudEvent(envelope);
    if (!event) return;
    const { id, type, subject } = event;
    const row = { _id: `${id}|${consumer}`, type, subject, consumer, createdAt: new Date().toISOString(), event };
    if ((await insertNew(letters, [row])).size > 0) onDead();
  };

  const routes: readonly Route[] = [
    route({
      method: 'get',
      path: '/v1/system/dead-letters',
      scope: 'system:read',
      summary: 'Events that kept failing',
      query: listQuery(),
      handle: async ({ query }) => {
        const page = await pageOf(letters, {}, query);
        return ok({ data: page.data.map(({ _id, ...letter }) => ({ id: _id, ...letter })), nextCursor: page.nextCursor });
      },
    }),
    route({
      method: 'post',
      path: '/v1/system/dead-letters/:id/replay',
      scope: 'system:write',
      summary: 'Publish it again: every consumer sees it, and those who had it know it by its id',
      body: z.strictObject({}).optional(),
      handle: async ({ params: { id = '' } }) => {
        const letter = await letters.findById(id).lean();
        if (!letter) return notFound('dead-letter', id);
        await publish([letter.event as MarqueeEvent]);
        await letters.collection.deleteOne({ _id: id } as never);
        return ok({ id, replayed: true });
      },
    }),
  ];

  return { keep, routes, count: () => letters.countDocuments({}) };
}
