import { z } from 'zod';
import { ok, type Route, route } from '../shared/route.ts';
import type { PaymentStore } from './store.ts';

/** What other services ask of payments, through Dapr. */
export const internalRoutes = (store: PaymentStore): readonly Route[] => [
  route({
    method: 'post',
    path: '/payments/:id/owe',
    scope: 'public',
    summary:
      'Collect no more than this of a failed payment, or nothing any more, because something else pays; not one whose outcome is open',
    body: z.strictObject({ amount: z.number().int().min(0) }),
    handle: async ({ params: { id = '' }, body: { amount } }) =>
      ok({ agreed: amount === 0 ? await store.withdraw(id) : await store.reduce(id, amount) }),
  }),
];
