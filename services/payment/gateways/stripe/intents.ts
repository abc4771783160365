import type { Charge, Gateway, GatewayOutcome } from '../gateway.ts';
import { stripeAmount } from './amount.ts';
import { outcomeOfCall, type StripeClient } from './client.ts';
import type { StripeCustomers } from './customers.ts';
import { outcomeOfFailure, outcomeOfIntent, type StripeFailure } from './outcome.ts';

/** PaymentIntents: created and confirmed in one call, off session, under our idempotency keys. */
export function stripeIntents(
  stripe: StripeClient,
  customers: StripeCustomers,
): Pick<Gateway, 'create' | 'confirm' | 'confirmAuthenticated' | 'cancel' | 'lookUp'> {
  /**
   * The outcome of a failure. A decline that names only its charge gets its intent from the charge.
   */
  const ofFailure = async (failure: StripeFailure): Promise<GatewayOutcome> => {
    const outcome = outcomeOfFailure(failure);
    if (outcome.kind !== 'declined' || outcome.intentId !== null || failure.charge === undefined) return outcome;
    const { payment_intent: intent } = await stripe.charges.retrieve(failure.charge);
    return { ...outcome, intentId: typeof intent === 'string' ? intent : (intent?.id ?? null) };
  };
  const outcomeOf = (call: Promise<GatewayOutcome>) => outcomeOfCall(call, ofFailure);
  const retrieve = async (intentId: string) => outcomeOfIntent(await stripe.paymentIntents.retrieve(intentId));

  const create = async (key: string, charge: Charge): Promise<GatewayOutcome> => {
    const customer = await customers.ensure(charge.customerId);
    const intent = await stripe.paymentIntents.create(
      {
        amount: stripeAmount(charge),
        currency: charge.currency.toLowerCase(),
        customer,
        payment_method: charge.paymentMethod,
        confirm: true,
        off_session: true,
        metadata: { reference: charge.reference },
      },
      { idempotencyKey: key },
    );
    return outcomeOfIntent(intent);
  };

  const confirm = async (key: string, intentId: string, paymentMethod: string): Promise<GatewayOutcome> =>
    outcomeOfIntent(
      await stripe.paymentIntents.confirm(intentId, { payment_method: paymentMethod, off_session: true }, { idempotencyKey: key }),
    );

  /**
   * The customer confirms in the app; this reads the outcome, or confirms where the app left it to
   * us.
   */
  const confirmAuthenticated = async (key: string, intentId: string): Promise<GatewayOutcome> => {
    const intent = await stripe.paymentIntents.retrieve(intentId);
    if (intent.status !== 'requires_confirmation') return outcomeOfIntent(intent);
    return outcomeOfIntent(await stripe.paymentIntents.confirm(intentId, {}, { idempotencyKey: key }));
  };

  /** An intent that has ended cannot be cancelled: its own outcome counts. */
  const cancel = async (key: string, intentId: string): Promise<GatewayOutcome> => {
    const { status } = await stripe.paymentIntents.retrieve(intentId);
    if (status === 'succeeded' || status === 'canceled' || status === 'processing') return retrieve(intentId);
    return outcomeOfIntent(await stripe.paymentIntents.cancel(intentId, {}, { idempotencyKey: key }));
  };

  /**
   * Finds an intent among those of its customer, newest first. Stripe's search is not used, because
   * it finds an intent only minutes later: one that it does not find may have been charged.
   */
  const find = async (reference: string, customerId: string): Promise<GatewayOutcome | { readonly kind: 'absent' }> => {
    const customer = await customers.find(customerId);
    if (customer === undefined) return { kind: 'absent' };
    for await (const intent of stripe.paymentIntents.list({ customer, limit: 100 }))
      if (intent.metadata.reference === reference) return outcomeOfIntent(intent);
    return { kind: 'absent' };
  };

  return {
    create: (key, charge) => outcomeOf(create(key, charge)),
    confirm: (key, intentId, paymentMethod) => outcomeOf(confirm(key, intentId, paymentMethod)),
    confirmAuthenticated: (key, intentId) => outcomeOf(confirmAuthenticated(key, intentId)),
    cancel: (key, intentId) => outcomeOf(cancel(key, intentId)),
    lookUp: ({ reference, customerId }, intentId) =>
      outcomeOfCall<GatewayOutcome | { readonly kind: 'absent' }>(
        intentId === null ? find(reference, customerId) : retrieve(intentId),
        outcomeOfFailure,
      ),
  };
}
