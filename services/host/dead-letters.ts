import type { Connection } from 'mongoose';
import { z } from 'zod';
import { fromCloudEvent, type MarqueeEvent } from '../shared/events.ts';
import { utcInstant } from '../shared/fields.ts';
import { listQuery, pageSchema } from '../shared/list.ts';
import { collectionOf, documentModel, insertNew, pageOf } from '../shared/mongo.ts';
import { notFound } from '../shared/problem.ts';
import { ok, type Route, route } from '../shared/route.ts';

type DeadLetter = { _id: string; type: string; subject: string; consumer: string; createdAt: string; event: MarqueeEvent };

const deadLetterSchema = z
  .object({
    id: z.string(),
    type: z.string(),
    subject: z.string(),
    consumer: z.string().meta({ description: 'App id of the process that could not handle the event' }),
    createdAt: utcInstant,
    event: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'DeadLetter' });

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
      operationId: 'listDeadLetters',
      summary: 'List undelivered events',
      description: 'Events that a consumer could not handle after all retries, newest first. An operator can replay each of them.',
      responses: { 200: pageSchema(deadLetterSchema) },
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
      operationId: 'replayDeadLetter',
      summary: 'Replay an undelivered event',
      description:
        'Publishes the event again under its id. Every consumer receives it; one that has handled it before recognises the id and changes nothing.',
      params: { id: z.string().regex(/^[A-Za-z0-9_.:|-]{1,300}$/) },
      responses: { 200: z.object({ id: z.string(), replayed: z.literal(true) }) },
      problems: ['dead-letter-not-found'],
      body: z.strictObject({}).optional(),
      handle: async ({ params: { id = '' } }) => {
        const letter = await letters.findById(id).lean();
        if (!letter) return notFound('dead-letter', id);
        await publish([letter.event as MarqueeEvent]);
        await collectionOf(letters).deleteOne({ _id: id });
        return ok({ id, replayed: true });
      },
    }),
  ];

  return { keep, routes, count: () => letters.countDocuments({}) };
}
