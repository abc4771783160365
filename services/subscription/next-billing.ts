import { z } from 'zod';
import { identity } from '../shared/fields.ts';
import { collectionOf } from '../shared/mongo.ts';
import { earliest, type Instant } from '../shared/time.ts';
import type { Store } from './store.ts';

export const nextBillingQuery = z.strictObject({ customerIds: z.array(identity('cus')).max(200) });

/**
 * The next billing instant of each of these customers, from the read model. Customers who will not
 * be billed are left out.
 */
export async function nextBillingOf(
  { access, subscriptions }: Pick<Store, 'access' | 'subscriptions'>,
  customerIds: readonly string[],
): Promise<Readonly<Record<string, Instant>>> {
  const known = await collectionOf(access)
    .find({ _id: { $in: [...customerIds] } })
    .toArray();
  const ids = known.flatMap((row) => Object.keys(row.subscriptions));
  const rows = await collectionOf(subscriptions)
    .find({ _id: { $in: ids } })
    .toArray();
  return Object.fromEntries(
    [...Map.groupBy(rows, ({ customerId }) => customerId)].flatMap(([customerId, ofCustomer]) => {
      const at = earliest(...ofCustomer.map(({ nextBillingAt }) => nextBillingAt));
      return at === undefined ? [] : [[customerId, at]];
    }),
  );
}
