import test from 'ava';
import { giftRejection } from '../../services/subscription/gifts/gift.ts';
import { basic } from '../support/subscription-life.ts';

const costing = (amount: number) => ({ ...basic, plan: { ...basic.plan, price: { ...basic.plan.price, amount } } });

test('a gift that costs more than can be counted exactly is refused, with a pointer to its periods', (t) => {
  const amount = 1_000_000_000_000;

  t.like(giftRejection({ ...costing(amount), quantity: 1_000 }, 60), { code: 'quantity-out-of-range', pointer: '/periods' });
  t.is(giftRejection({ ...costing(amount), quantity: 1_000 }, 4), undefined);
});
