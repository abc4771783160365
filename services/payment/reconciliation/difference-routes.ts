import { z } from 'zod';
import { differenceSchema, type NumberedDifference, type Resolution } from '../../shared/contracts/difference-resource.ts';
import { newEvent } from '../../shared/events.ts';
import { isProblem, notFound, problem } from '../../shared/problem.ts';
import { ok, type Route, route } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import type { Instant } from '../../shared/time.ts';
import type { RepairDifference } from './repair.ts';
import type { ReconciliationStore } from './store.ts';

const acceptance = z
  .strictObject({ note: z.string().trim().min(1).max(1_000).meta({ description: 'Why the difference is acceptable' }) })
  .meta({ id: 'AcceptDifference' });

const params = {
  n: z
    .string()
    .regex(/^\d{1,10}$/, 'Must be the number of a difference.')
    .meta({ description: 'Number of the difference', examples: ['1'] }),
};

const alreadyAccepted = problem(409, 'difference-accepted', 'This difference has already been accepted.');
const alreadyRepaired = problem(409, 'difference-repaired', 'This difference has already been repaired.');

/**
 * The routes by which an operator repairs or accepts a difference. Both are audited with the
 * operator.
 */
export const differenceRoutes = (
  { publish, now }: Pick<Platform, 'publish' | 'now'>,
  runs: ReconciliationStore,
  repair: RepairDifference,
): readonly Route[] => {
  const resolve = async (id: string, difference: NumberedDifference, resolution: Partial<Resolution>) => {
    await publish([resolutionEvent(id, { ...difference, ...resolution })]);
    await runs.resolve(id, difference.n, resolution);
    return ok((await runs.difference(id, String(difference.n))) ?? difference);
  };
  return [
    route({
      method: 'post',
      path: '/v1/reconciliations/:id/differences/:n/repair',
      scope: 'system:write',
      operationId: 'repairDifference',
      summary: 'Repair a difference',
      description:
        'Repairs a difference of a reconciliation by its automatic repair, such as to record a charge or to republish an event. ' +
        'A repair never charges again, and a repeat changes nothing.',
      params,
      responses: { 200: differenceSchema },
      problems: [
        ...(['difference-not-found', 'difference-accepted', 'difference-changed', 'no-repair', 'invoice-unknown'] as const),
        ...(['no-charge', 'gateway-silent', 'invoice-not-asked', 'refund-refused'] as const),
      ],
      handle: async ({ params: { id = '', n = '' }, principal }) => {
        const difference = await runs.difference(id, n);
        if (!difference) return notFound('difference', `${id}/${n}`);
        if (difference.acceptedAt !== null) return alreadyAccepted;
        if (difference.repairedAt !== null) return ok(difference);
        const refusal = await repair(difference);
        return isProblem(refusal) ? refusal : resolve(id, difference, { repairedAt: now(), repairedBy: principal.subject });
      },
    }),
    route({
      method: 'post',
      path: '/v1/reconciliations/:id/differences/:n/accept',
      scope: 'system:write',
      operationId: 'acceptDifference',
      summary: 'Accept a difference',
      description: 'Accepts a difference as it is, with a note. The first note stays; a repeat changes nothing.',
      params,
      body: acceptance,
      responses: { 200: differenceSchema },
      problems: ['difference-not-found', 'difference-repaired'],
      handle: async ({ params: { id = '', n = '' }, body: { note }, principal }) => {
        const difference = await runs.difference(id, n);
        if (!difference) return notFound('difference', `${id}/${n}`);
        if (difference.repairedAt !== null) return alreadyRepaired;
        if (difference.acceptedAt !== null) return ok(difference);
        return resolve(id, difference, { acceptedAt: now(), acceptedBy: principal.subject, note });
      },
    }),
  ];
};

/**
 * `reconciliation.difference-repaired` or `reconciliation.difference-accepted`, with the operator.
 * Each has an id derived from the difference, so that a repeat is harmless.
 */
const resolutionEvent = (id: string, difference: NumberedDifference) => {
  const { repairedAt, acceptedAt } = difference;
  const resolution = repairedAt === null ? 'accepted' : 'repaired';
  return newEvent({
    type: `reconciliation.difference-${resolution}` as const,
    subject: `${id}_${difference.n}`,
    sequence: repairedAt === null ? 2 : 1,
    time: (repairedAt ?? acceptedAt) as Instant,
    customerId: difference.customerId ?? '',
    testClock: null,
    data: { reconciliationId: id, ...difference },
  });
};
