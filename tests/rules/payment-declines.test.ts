import test from 'ava';
import { declineCategory } from '../../services/payment/gateways/decline-categories.ts';

for (const [code, category] of [
  ['insufficient_funds', 'soft'],
  ['issuer_not_available', 'soft'],
  ['generic_decline', 'soft'],
  ['a_code_of_next_year', 'soft'],
  ['stolen_card', 'hard'],
  ['lost_card', 'hard'],
  ['fraudulent', 'hard'],
  ['invalid_payment_method', 'hard'],
  ['expired_card', 'expired-card'],
  ['authentication_required', 'action-required'],
] as const)
  test(`${code} is ${category}`, (t) => t.is(declineCategory(code), category));
