import { setTimeout as pause } from 'node:timers/promises';
import { collectionOf, documentModel, upsertAll } from '../../shared/mongo.ts';
import type { Platform } from '../../shared/service.ts';
import { earliest, type Instant, later, plusMillis } from '../../shared/time.ts';
import type { Gateway } from '../gateways/gateway.ts';
import type { Gateways } from '../gateways/gateways.ts';
import type { WebhookIntake } from './intake.ts';
import { isRelevant, webhookOf } from './webhook.ts';

export type CatchUp = {
  /** Reads in the background, now and then every hour. */
  readonly start: () => void;
  readonly stop: () => Promise<void>;
};

type Parts = { readonly platform: Platform; readonly gateways: Gateways; readonly intake: WebhookIntake };
type ReadPosition = { readonly _id: string; readonly through: Instant };

const hourMillis = 3_600_000;
/** A gateway may show an event a little after its own time. */
const overlapMillis = 10 * 60_000;
/** The reach of a first read: Stripe itself repeats a webhook for this long. */
const firstReachMillis = 3 * 24 * hourMillis;
/** The longest reach: Stripe keeps events for this long. */
const longestReachMillis = 30 * 24 * hourMillis;
const stopMillis = 4_000;

/**
 * Reads the events of a gateway whose webhooks did not arrive, and accepts them like webhooks: each
 * is stored under its own id, so one that did arrive is not handled twice. Events are read hour by
 * hour, oldest first, and the position is written only once an hour is stored completely, so a
 * crash or an outage leaves no gap. The newest stored webhook is no position: one that arrives
 * right after a start would hide the hours before it.
 */
export function createCatchUp({ platform, gateways, intake }: Parts): CatchUp {
  const positions = documentModel<ReadPosition>(platform.documents, 'payment_webhook_reaches', { through: String });
  let [timer, running, stopped]: [NodeJS.Timeout | undefined, Promise<void>, boolean] = [undefined, Promise.resolve(), false];

  const readHour = async (eventsBetween: NonNullable<Gateway['eventsBetween']>, from: Instant, to: Instant): Promise<void> => {
    for await (const page of eventsBetween(plusMillis(from, -overlapMillis), to)) {
      if (stopped) return;
      const webhooks = page.flatMap((event) => webhookOf(event, platform.now()) ?? []);
      await Promise.all(webhooks.filter(({ type }) => isRelevant(type)).map(intake.accept));
    }
  };

  const read = async (name: string, eventsBetween: NonNullable<Gateway['eventsBetween']>): Promise<void> => {
    const now = platform.now();
    const known = (await collectionOf(positions).findOne({ _id: name }))?.through ?? plusMillis(now, -firstReachMillis);
    let from = later(known, plusMillis(now, -longestReachMillis));
    while (!stopped && from < now) {
      const to = earliest(plusMillis(from, hourMillis), now) as Instant;
      await readHour(eventsBetween, from, to);
      if (stopped) return;
      await upsertAll(positions, [{ filter: { _id: name, through: { $lt: to } }, update: { $set: { through: to } } }]);
      from = to;
    }
  };

  const readAll = async (): Promise<void> => {
    await intake.resume();
    for (const { name, eventsBetween } of gateways.values()) if (eventsBetween && !stopped) await read(name, eventsBetween);
  };
  const run = (): void => {
    running = running.then(readAll).catch((err: unknown) => {
      platform.log.warn({ err }, 'webhook catch-up failed, will be retried within the hour');
    });
  };

  return {
    start: () => {
      run();
      timer = setInterval(run, hourMillis).unref();
    },
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await Promise.race([running, pause(stopMillis, undefined, { ref: false })]);
    },
  };
}
