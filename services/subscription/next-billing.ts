import { z } from 'zod';
import { identity } from '../../actors/subscription/terms-schemas.ts';
import { earliest, type Instant } from '../shared/time.ts';
import type { Store, SubscriptionDocument } from './store.ts';

export const nextBillingQuestion = z.strictObject({ customerIds: z.array(identity('cus')).max(200) });

/** When each of these customers is billed next, as the read model knows it; who is not to be billed is left out. */
export async function nextBillingOf(
  { access, subscriptions }: Pick<Store, 'access' | 'subscriptions'>,
  customerIds: readonly string[],
): Promise<Readonly<Record<string, Instant>>> {
  const known = await access.find({ _id: { $in: [...customerIds] } }).lean();
  const ids = known.flatMap((row) => Object.keys(row.subscriptions));
  const rows = (await subscriptions.find({ _id: { $in: ids } }).lean()) as unknown as SubscriptionDocument[];
  return Object.fromEntries(
    [...Map.groupBy(rows, ({ customerId }) => customerId)].flatMap(([customerId, ofCustomer]) => {
      const at = earliest(...ofCustomer.map(({ nextBillingAt }) => nextBillingAt));
      return at === undefined ? [] : [[customerId, at]];
    }),
  );
}
