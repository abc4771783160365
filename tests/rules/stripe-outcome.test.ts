import test from 'ava';
import fc from 'fast-check';
import { stripeAmount } from '../../services/payment/gateways/stripe/amount.ts';
import { outcomeOfFailure, outcomeOfIntent, refundOfFailure, type StripeFailure } from '../../services/payment/gateways/stripe/outcome.ts';

const invalid = { type: 'StripeInvalidRequestError', statusCode: 400, message: '' };
const intent = { id: 'pi_1', status: 'requires_payment_method', client_secret: 'pi_1_secret' };

for (const [failed, failure, expected] of [
  ['a lost connection', { type: 'StripeConnectionError', message: '' }, { kind: 'unknown' }],
  ['an error of Stripe', { type: 'StripeAPIError', statusCode: 500, message: '' }, { kind: 'unknown' }],
  ['too many requests', { type: 'StripeRateLimitError', statusCode: 429, message: '' }, { kind: 'unknown' }],
  ['an idempotency key in use', { ...invalid, statusCode: 409, code: 'idempotency_key_in_use' }, { kind: 'in-progress' }],
  ['a wrong API key', { ...invalid, statusCode: 401 }, { kind: 'unavailable', code: 'gateway-key-refused' }],
  [
    'a live customer under a test key',
    { ...invalid, message: 'No such customer: cus_1; a similar object exists in live mode, but a test mode key was used.' },
    { kind: 'unavailable', code: 'gateway-wrong-mode' },
  ],
  [
    'an unknown customer',
    { ...invalid, code: 'resource_missing', param: 'customer' },
    { kind: 'declined', code: 'gateway-customer-unknown' },
  ],
  [
    'an amount below the minimum',
    { ...invalid, code: 'amount_too_small', param: 'amount' },
    { kind: 'declined', code: 'amount-too-small' },
  ],
  ['an unsupported currency', { ...invalid, param: 'currency' }, { kind: 'declined', code: 'currency-not-supported' }],
  ['a detached method', { ...invalid, param: 'payment_method' }, { kind: 'declined', code: 'payment-method-detached' }],
  ['an unknown parameter', { ...invalid, code: 'parameter_unknown' }, { kind: 'unavailable', code: 'gateway-request-refused' }],
  [
    'a decline',
    { type: 'StripeCardError', statusCode: 402, code: 'card_declined', decline_code: 'stolen_card', message: '', payment_intent: intent },
    { kind: 'declined', intentId: 'pi_1', code: 'stolen_card' },
  ],
  [
    'a request for authentication',
    { type: 'StripeCardError', statusCode: 402, code: 'authentication_required', message: '', payment_intent: intent },
    { kind: 'action-required', intentId: 'pi_1', clientSecret: 'pi_1_secret' },
  ],
  [
    'an intent that was paid in the meantime',
    { ...invalid, code: 'payment_intent_unexpected_state', payment_intent: { ...intent, status: 'succeeded' } },
    { kind: 'succeeded', intentId: 'pi_1' },
  ],
] as const satisfies readonly (readonly [string, StripeFailure, object])[])
  test(`${failed} means ${JSON.stringify(expected)}`, (t) => {
    t.like(outcomeOfFailure(failure), expected);
  });

test('an idempotency key that is repeated with other parameters is a bug, and no outcome', (t) => {
  t.throws(() => outcomeOfFailure({ ...invalid, type: 'StripeIdempotencyError' }));
  t.throws(() => refundOfFailure({ ...invalid, type: 'StripeIdempotencyError' }));
});

test('a debit that is being processed by its bank is pending', (t) => {
  t.deepEqual(outcomeOfIntent({ ...intent, status: 'processing' }), { kind: 'pending', intentId: 'pi_1' });
});

for (const [amount, currency, expected] of [
  [1799, 'EUR', 1799],
  [500, 'JPY', 500],
  [5, 'UGX', 500],
  [5124, 'KWD', 5120],
  [5125, 'KWD', 5130],
] as const)
  test(`${amount} minor units of ${currency} are ${expected} at Stripe`, (t) => {
    t.is(stripeAmount({ amount, currency }), expected);
  });

const amounts = fc.integer({ min: 0, max: 99_999_999 });

test('law: thousandths become multiples of 10, never more than 5 away, and never out of order', (t) => {
  fc.assert(
    fc.property(fc.constantFrom('BHD', 'JOD', 'KWD', 'OMR', 'TND'), amounts, amounts, (currency, one, other) => {
      const [low, high] = [one, other].sort((left, right) => left - right) as [number, number];
      const sent = stripeAmount({ amount: low, currency });
      return sent % 10 === 0 && Math.abs(sent - low) <= 5 && sent <= stripeAmount({ amount: high, currency });
    }),
  );
  t.pass();
});

test('law: an amount in a currency that Stripe counts as we do is sent unchanged', (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom('EUR', 'USD', 'GBP', 'JPY', 'KRW'),
      amounts,
      (currency, amount) => stripeAmount({ amount, currency }) === amount,
    ),
  );
  t.pass();
});
