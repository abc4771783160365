import { randomUUID } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import type { Charge, Gateway, GatewayOutcome } from '../../services/payment/gateways/gateway.ts';
import { noon } from './money-events.ts';
import { until } from './wait-until.ts';

/** Tokens of one customer at the gateway, by their behaviour. */
export type Methods = { readonly good: string; readonly declined: string; readonly asking: string; readonly debit: string };

/** A gateway under test, and the actions of its customer outside Marquee. */
export type Trial = {
  readonly gateway: Gateway;
  readonly customerId: string;
  readonly methods: Methods;
  /** The customer authenticates in the app. */
  readonly authenticate: (challenged: Extract<GatewayOutcome, { kind: 'action-required' }>) => Promise<void>;
  /** Domain time by which a debit has arrived. */
  readonly later: string;
};

type Case = (t: ExecutionContext, tried: Trial) => Promise<void>;

const chargeOf = ({ customerId }: Trial, paymentMethod: string, changes: Partial<Charge> = {}): Charge => ({
  reference: `inv_${randomUUID()}`,
  amount: 1799,
  currency: 'EUR',
  customerId,
  paymentMethod,
  ...changes,
});
const create = (tried: Trial, charge: Charge) => tried.gateway.create(`${charge.reference}:create`, charge, noon);
const intentOf = (outcome: GatewayOutcome) => (outcome as { intentId: string }).intentId;

/** The meaning of the responses of every gateway: one sentence, one case. */
export const contract = {
  'a good method is charged immediately': async (t, tried) => {
    t.is((await create(tried, chargeOf(tried, tried.methods.good))).kind, 'succeeded');
  },
  'a decline is a value with a code, and names the intent that can be retried': async (t, tried) => {
    const outcome = await create(tried, chargeOf(tried, tried.methods.declined));

    t.true(outcome.kind === 'declined' && outcome.code.length > 0 && outcome.intentId !== null, JSON.stringify(outcome));
  },
  'an intent is found by its id with the same outcome': async (t, tried) => {
    const charge = chargeOf(tried, tried.methods.good);
    const outcome = await create(tried, charge);

    t.deepEqual(await tried.gateway.lookUp(charge, intentOf(outcome), noon), outcome);
  },
  'an intent is found by the reference of its charge': async (t, tried) => {
    const charge = chargeOf(tried, tried.methods.good);
    const outcome = await create(tried, charge);

    t.deepEqual(await tried.gateway.lookUp(charge, null, noon), outcome);
  },
  'a charge that was never requested is absent': async (t, tried) => {
    t.deepEqual(await tried.gateway.lookUp(chargeOf(tried, tried.methods.good), null, noon), { kind: 'absent' });
  },
  'the same key and parameters get the stored response': async (t, tried) => {
    const charge = chargeOf(tried, tried.methods.good);

    t.deepEqual(await create(tried, charge), await create(tried, charge));
  },
  'a declined intent is charged with another method': async (t, tried) => {
    const declined = await create(tried, chargeOf(tried, tried.methods.declined));

    const outcome = await tried.gateway.confirm(randomUUID(), intentOf(declined), tried.methods.good, noon);

    t.like(outcome, { kind: 'succeeded', intentId: intentOf(declined) });
  },
  'a method that requires authentication is charged once its customer has authenticated': async (t, tried) => {
    const challenged = await create(tried, chargeOf(tried, tried.methods.asking));
    if (challenged.kind !== 'action-required') return t.fail(JSON.stringify(challenged));
    t.true(challenged.clientSecret.length > 0);

    await tried.authenticate(challenged);

    t.like(await tried.gateway.confirmAuthenticated(randomUUID(), challenged.intentId, noon), {
      kind: 'succeeded',
      intentId: challenged.intentId,
    });
  },
  'a cancelled intent stays cancelled, and a paid intent reports its success': async (t, tried) => {
    const challenged = await create(tried, chargeOf(tried, tried.methods.asking));
    const paid = await create(tried, chargeOf(tried, tried.methods.good));

    t.like(await tried.gateway.cancel(randomUUID(), intentOf(challenged), noon), { kind: 'cancelled' });

    t.like(await tried.gateway.cancel(randomUUID(), intentOf(challenged), noon), { kind: 'cancelled' });
    t.like(await tried.gateway.cancel(randomUUID(), intentOf(paid), noon), { kind: 'succeeded' });
  },
  'a debit is pending until a sync finds its outcome': async (t, tried) => {
    const charge = chargeOf(tried, tried.methods.debit);
    const outcome = await create(tried, charge);
    t.is(outcome.kind, 'pending');

    await until(async () => (await tried.gateway.lookUp(charge, intentOf(outcome), tried.later)).kind === 'succeeded');
  },
  'a charge is refunded in parts, and each refund is found': async (t, tried) => {
    const paid = await create(tried, chargeOf(tried, tried.methods.good));
    const order = { reference: `re_${randomUUID()}`, intentId: intentOf(paid), amount: 500 };

    const refund = await tried.gateway.refund(randomUUID(), order, noon);

    t.is(refund.kind, 'succeeded');
    t.deepEqual(await tried.gateway.lookUpRefund(order, null), refund);
    t.deepEqual(await tried.gateway.lookUpRefund({ ...order, reference: 're_none' }, null), { kind: 'absent' });
  },
  'the refunds and disputes of a charge are found by its intent, also those that were not requested here': async (t, tried) => {
    const charge = chargeOf(tried, tried.methods.good);
    const intentId = intentOf(await create(tried, charge));
    await tried.gateway.refund(randomUUID(), { reference: 're_ours', intentId, amount: 500 }, noon);

    t.like(await tried.gateway.lookUpReturns(intentId), {
      ...{ kind: 'found', reference: charge.reference, disputes: [] },
      refunds: { length: 1, 0: { reference: 're_ours', amount: 500, status: 'succeeded' } },
    });
    t.deepEqual(await tried.gateway.lookUpReturns('pi_unheard_of'), { kind: 'absent' });
  },
  'refunds never exceed the charge': async (t, tried) => {
    const paid = await create(tried, chargeOf(tried, tried.methods.good));
    const order = { reference: `re_${randomUUID()}`, intentId: intentOf(paid), amount: 1800 };

    t.is((await tried.gateway.refund(randomUUID(), order, noon)).kind, 'refused');
  },
  'a method can be set up, and is returned with the details that may be displayed': async (t, tried) => {
    const { setupIntentId, clientSecret } = await tried.gateway.setUp(tried.customerId);
    t.true(setupIntentId.length > 0 && clientSecret.length > 0);

    t.like(await tried.gateway.verify(tried.customerId, tried.methods.good), { kind: 'verified', method: { type: 'card' } });
  },
  'a token that the gateway does not know is refused': async (t, tried) => {
    t.like(await tried.gateway.verify(tried.customerId, 'pm_unheard_of'), { kind: 'refused', code: 'payment-method-unknown' });
  },
} satisfies Record<string, Case>;

export type CaseName = keyof typeof contract;

/**
 * Tests the contract against one gateway, except for cases that its server cannot show; their
 * reasons are in `cannotShow`.
 */
export function testContract(tried: (t: ExecutionContext) => Promise<Trial>, cannotShow: Partial<Record<CaseName, string>> = {}): void {
  for (const [name, run] of Object.entries(contract) as [CaseName, Case][])
    if (cannotShow[name] === undefined) test(name, async (t) => run(t, await tried(t)));
}
