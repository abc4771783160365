import { z } from 'zod';
import { newEvent } from '../../shared/events.ts';
import { isProblem, notFound, problem } from '../../shared/problem.ts';
import { ok, type Route, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import type { Instant } from '../../shared/time.ts';
import { differenceKinds } from './difference.ts';
import type { RepairDifference } from './repair.ts';
import type { NumberedDifference, ReconciliationStore, Resolution } from './store.ts';

const count = z.number().int();
const text = z.string().nullable();

/** A difference as a report shows it. */
export const differenceSchema = z.object({
  ...{ n: count, kind: z.enum(differenceKinds), gateway: text, intentId: text, refundId: text, paymentId: text, invoiceId: text },
  ...{ subscriptionId: text, customerId: text, currency: z.string() },
  ...{ gatewayAmount: count.nullable(), paymentAmount: count.nullable(), invoiceAmount: count.nullable() },
  ...{ at: text, repair: text, repairedAt: text, repairedBy: text, acceptedAt: text, acceptedBy: text, note: text },
});

const acceptance = z.strictObject({ note: z.string().trim().min(1).max(1_000) });

const alreadyAccepted = problem(409, 'difference-accepted', 'Somebody has accepted this difference as it is.');
const alreadyRepaired = problem(409, 'difference-repaired', 'This difference has been repaired.');

/** What an operator does about one difference of a report: have it repaired, or accept it and say why. Both are audited with who did it. */
export const differenceRoutes = (
  { publish, now }: Pick<Platform, 'publish' | 'now'>,
  runs: ReconciliationStore,
  repair: RepairDifference,
): readonly Route[] => {
  const end = async (id: string, difference: NumberedDifference, ending: Partial<Resolution>) => {
    await publish([endingEvent(id, { ...difference, ...ending })]);
    await runs.end(id, difference.n, ending);
    return ok((await runs.difference(id, String(difference.n))) ?? difference);
  };
  return [
    route({
      method: 'post',
      path: '/v1/reconciliations/:id/differences/:n/repair',
      scope: 'system:write',
      summary: 'Put a difference right: look up and record, tell again, ask again, or give back. A repeat changes nothing',
      answer: differenceSchema,
      handle: async ({ params: { id = '', n = '' }, principal }) => {
        const difference = await runs.difference(id, n);
        if (!difference) return notFound('difference', `${id}/${n}`);
        if (difference.acceptedAt !== null) return alreadyAccepted;
        if (difference.repairedAt !== null) return ok(difference);
        const refusal = await repair(difference);
        return isProblem(refusal) ? refusal : end(id, difference, { repairedAt: now(), repairedBy: principal.subject });
      },
    }),
    route({
      method: 'post',
      path: '/v1/reconciliations/:id/differences/:n/accept',
      scope: 'system:write',
      summary: 'Accept a difference as it is, and say why. The first note stays; a repeat changes nothing',
      body: acceptance,
      answer: differenceSchema,
      handle: async ({ params: { id = '', n = '' }, body: { note }, principal }) => {
        const difference = await runs.difference(id, n);
        if (!difference) return notFound('difference', `${id}/${n}`);
        if (difference.repairedAt !== null) return alreadyRepaired;
        if (difference.acceptedAt !== null) return ok(difference);
        return end(id, difference, { acceptedAt: now(), acceptedBy: principal.subject, note });
      },
    }),
  ];
};

/**
 * `reconciliation.difference-repaired` or `reconciliation.difference-accepted`: what was done, and by whom. One of each a difference, so that
 * a repeat is known by its id.
 */
const endingEvent = (id: string, difference: NumberedDifference) => {
  const { repairedAt, acceptedAt } = difference;
  return newEvent({
    type: `reconciliation.difference-${repairedAt === null ? 'accepted' : 'repaired'}`,
    subject: `${id}_${difference.n}`,
    sequence: repairedAt === null ? 2 : 1,
    time: (repairedAt ?? acceptedAt) as Instant,
    customerId: difference.customerId ?? '',
    testClock: null,
    data: { reconciliationId: id, ...difference },
  });
};
