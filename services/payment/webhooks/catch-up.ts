import { setTimeout as pause } from 'node:timers/promises';
import { documentModel, upsertAll } from '../../shared/mongo.ts';
import type { Platform } from '../../shared/service.ts';
import { earliest, type Instant, later, plusMillis } from '../../shared/time.ts';
import type { Gateway } from '../gateways/gateway.ts';
import type { Gateways } from '../gateways/gateways.ts';
import type { WebhookIntake } from './intake.ts';
import { isRelevant, webhookOf } from './webhook.ts';

export type CatchUp = {
  /** Begins to read at once and then every hour; whoever starts does not wait for a gateway. */
  readonly start: () => void;
  readonly stop: () => Promise<void>;
};

type Parts = { readonly platform: Platform; readonly gateways: Gateways; readonly intake: WebhookIntake };
type ReadPosition = { readonly _id: string; readonly through: Instant };

const hourMillis = 3_600_000;
/** A gateway may show an event a little after its own time. */
const overlapMillis = 10 * 60_000;
/** Where nothing was read before: for so long Stripe itself repeats a webhook. */
const firstReachMillis = 3 * 24 * hourMillis;
/** Beyond this Stripe has forgotten. */
const longestReachMillis = 30 * 24 * hourMillis;
const stopMillis = 4_000;

/**
 * Reads what a gateway told while nobody listened, as if its webhooks had come: each is kept under its own id, so one that came is not taken
 * twice. Hour by hour, the oldest first, and how far that is known is written only when an hour is kept whole: a crash or an outage leaves
 * no hole. Not from the newest webhook kept: one that comes in a moment after a start would hide the hours before it.
 */
export function createCatchUp({ platform, gateways, intake }: Parts): CatchUp {
  const reaches = documentModel<ReadPosition & { _id: string }>(platform.documents, 'payment_webhook_reaches', { through: String });
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
    const known = (await reaches.findById(name).lean<ReadPosition>())?.through ?? plusMillis(now, -firstReachMillis);
    let from = later(known, plusMillis(now, -longestReachMillis));
    while (!stopped && from < now) {
      const to = earliest(plusMillis(from, hourMillis), now) as Instant;
      await readHour(eventsBetween, from, to);
      if (stopped) return;
      await upsertAll(reaches, [{ filter: { _id: name, through: { $lt: to } }, update: { $set: { through: to } } }]);
      from = to;
    }
  };

  const readAll = async (): Promise<void> => {
    await intake.resume();
    for (const { name, eventsBetween } of gateways.values()) if (eventsBetween && !stopped) await read(name, eventsBetween);
  };
  const run = (): void => {
    running = running.then(readAll).catch((error: Error) => {
      platform.log.warn({ reason: error.message }, 'what a gateway told meanwhile could not be read; it is tried again within the hour');
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
