import { ok, type Route, route } from '../shared/route.ts';
import type { PaymentStore } from './store.ts';

/** What other services ask of payments, through Dapr. */
export const internalRoutes = (store: PaymentStore): readonly Route[] => [
  route({
    method: 'post',
    path: '/payments/:id/withdraw',
    scope: 'public',
    summary: 'Give up collecting a failed payment, because something else pays; not one whose outcome is still open',
    handle: async ({ params: { id = '' } }) => ok({ withdrawn: await store.withdraw(id) }),
  }),
];
