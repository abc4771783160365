import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import type { DisputeStatus } from '../../../shared/contracts/dispute-resource.ts';
import { insertNew } from '../../../shared/mongo.ts';
import { batched } from '../../../shared/one-batch-at-a-time.ts';
import type { Instant } from '../../../shared/time.ts';
import type { Charge, DisputeOrder, DisputeReference, Gateway } from '../gateway.ts';
import { disputeBehaviourOf } from './cards.ts';
import { answerSimulatedDispute, decidedBy, openSimulatedDispute, shownDispute } from './disputes.ts';
import { intentIdOf, intentModel, type KnownRequest, type Settled, type SimulatedIntent } from './intents.ts';
import { simulatedLedger } from './ledger.ts';
import { simulatedSetUp, verifySimulated } from './methods.ts';
import { lookUpSimulatedRefund, refundSimulated, shownRefund } from './refunds.ts';
import { answerOf, heard, latestAnswer, parametersOf, savedAnswer } from './responses.ts';

type Move = { readonly at: Instant; readonly paymentMethod: string; readonly from: readonly Settled['kind'][] };

export type LedgerCharge = Omit<Charge, 'paymentMethod'> & { readonly intentId: string; readonly at: Instant; readonly refunded: number };

export type SimulatedGateway = Gateway & {
  /** Every successful charge this gateway has made, for reconciliation. */
  readonly ledger: () => Promise<readonly LedgerCharge[]>;
};

/** Tells that a dispute of an intent has come this far, as a real gateway does by webhook. Telling it again is harmless. */
export type TellOfDispute = (intentId: string, status: DisputeStatus) => Promise<void>;

const open: readonly Settled['kind'][] = ['declined', 'action-required'];

/**
 * A gateway with its own memory and the manners of a real one. An intent is one document: its charge and the key that made it are
 * written in the same operation, and only while it is not yet paid, so that it is charged at most once whatever is repeated or lost.
 */
export function createSimulatedGateway(
  documents: Connection,
  latencyMillis = () => 0,
  tell: TellOfDispute = async () => {},
): SimulatedGateway {
  const intents = intentModel(documents);
  const find = async (id: string) => (await intents.findById(id).lean()) as unknown as SimulatedIntent | null;
  const answered = async <Outcome>(outcome: Outcome): Promise<Outcome> => {
    const latency = latencyMillis();
    if (latency > 0) await pause(latency);
    return outcome;
  };

  /** True for each that was not there yet. */
  const insert = batched(async (rows: readonly SimulatedIntent[]) => {
    const inserted = await insertNew(intents, rows);
    return rows.map(({ _id }) => inserted.has(_id));
  });

  /** Moves an intent on from one of the states under a new key. A known key gets its saved answer, any other its latest one. */
  const moveOn = async (
    intentId: string,
    request: KnownRequest,
    { at, paymentMethod, from }: Move,
  ): Promise<Settled & { fresh?: true }> => {
    const { kind } = request.answer;
    const { matchedCount } = await intents.collection.updateOne(
      { _id: intentId, status: { $in: from }, 'requests.key': { $ne: request.key } } as never,
      {
        $set: { status: kind, ...(kind === 'succeeded' && { chargedAt: at }) },
        $push: { requests: request, attempts: { at, paymentMethod, outcome: kind } },
      } as never,
    );
    if (matchedCount === 1) return { ...request.answer, fresh: true };
    const intent = await find(intentId);
    if (!intent) throw new Error(`the gateway has no intent ${intentId}`);
    return savedAnswer(intent, request) ?? latestAnswer(intent);
  };

  /** What was pending settles when it is time, as if its bank had told. */
  const lookAgain = async (intent: SimulatedIntent, now: Instant): Promise<Settled> => {
    const { _id: intentId } = intent;
    const { paymentMethod } = intent.attempts.at(-1) as SimulatedIntent['attempts'][number];
    const answer = answerOf(intentId, paymentMethod, now);
    if (answer.kind === 'pending') return answer;
    const request: KnownRequest = { key: `${intentId}:settled`, parameters: 'settled', answer };
    const { fresh: _fresh, ...settled } = await moveOn(intentId, request, { at: now, paymentMethod, from: ['pending'] });
    return settled as Settled;
  };

  const openDispute = async (intentId: string, order: DisputeOrder, now: Instant): Promise<boolean> => {
    const isOpen = await openSimulatedDispute(intents, intentId, order, now);
    if (isOpen) await tell(intentId, order.status);
    return isOpen;
  };

  const answerDispute = async (dispute: DisputeReference, status: DisputeStatus) => {
    const answer = await answerSimulatedDispute(intents, dispute, status);
    if (answer.kind === 'taken') await tell(dispute.intentId, status);
    return answer;
  };

  /** What the customer does after the charge, before anybody hears of it; the same charge again disputes nothing more. */
  const disputed = async ({ kind, intentId }: Settled, paymentMethod: string, now: Instant): Promise<void> => {
    const status = kind === 'succeeded' ? disputeBehaviourOf(paymentMethod) : undefined;
    if (status !== undefined) await openDispute(intentId, { reason: 'fraudulent', status }, now);
  };

  return {
    name: 'simulated',
    create: async (key, charge, now) => {
      const _id = intentIdOf(key);
      const { paymentMethod, ...rest } = charge;
      const request = { key, parameters: parametersOf('create', charge), answer: answerOf(_id, paymentMethod, now) };
      const status = request.answer.kind;
      const attempts = [{ at: now, paymentMethod, outcome: status }];
      const chargedAt = status === 'succeeded' ? now : null;
      const [fresh] = await insert([{ _id, ...rest, status, requests: [request], attempts, chargedAt, refunds: [], refunded: 0 }]);
      await disputed(request.answer, paymentMethod, now);
      if (!fresh) return answered(savedAnswer((await find(_id)) as SimulatedIntent, request) as Settled);
      return answered(heard(request.answer, paymentMethod, now));
    },
    confirm: async (key, intentId, paymentMethod, now) => {
      const request = {
        key,
        parameters: parametersOf('confirm', { intentId, paymentMethod }),
        answer: answerOf(intentId, paymentMethod, now),
      };
      const { fresh, ...answer } = await moveOn(intentId, request, { at: now, paymentMethod, from: open });
      await disputed(answer, paymentMethod, now);
      return answered(fresh ? heard(answer, paymentMethod, now) : answer);
    },
    confirmAuthenticated: async (key, intentId, now) => {
      const request: KnownRequest = {
        key,
        parameters: parametersOf('authenticated', { intentId }),
        answer: { kind: 'succeeded', intentId },
      };
      const { fresh: _fresh, ...answer } = await moveOn(intentId, request, {
        at: now,
        paymentMethod: 'authenticated',
        from: ['action-required'],
      });
      return answered(answer);
    },
    cancel: async (key, intentId, now) => {
      const request: KnownRequest = { key, parameters: parametersOf('cancel', { intentId }), answer: { kind: 'cancelled', intentId } };
      const { fresh: _fresh, ...answer } = await moveOn(intentId, request, { at: now, paymentMethod: 'none', from: open });
      return answered(answer);
    },
    lookUp: async ({ reference }, intentId, now) => {
      const filter = intentId === null ? { reference } : { _id: intentId };
      const intent = (await intents.findOne(filter as never).lean()) as unknown as SimulatedIntent | null;
      if (!intent) return answered({ kind: 'absent' });
      if (intent.status === 'pending') return answered(await lookAgain(intent, now));
      return answered(latestAnswer(intent));
    },
    refund: async (key, order, now) => answered(await refundSimulated(intents, key, order, now)),
    lookUpRefund: async (order, refundId) => answered(await lookUpSimulatedRefund(intents, order, refundId)),
    lookUpReturns: async (intentId) => {
      const intent = await find(intentId);
      if (!intent) return answered({ kind: 'absent' });
      return answered({
        kind: 'found',
        reference: intent.reference,
        refunds: intent.refunds.map(shownRefund),
        disputes: (intent.disputes ?? []).map(shownDispute),
      });
    },
    submitEvidence: async (dispute, evidence) => answered(await answerDispute(dispute, decidedBy(evidence))),
    acceptDispute: async (dispute) => answered(await answerDispute(dispute, 'lost')),
    openDispute: async (intentId, order, now) => answered(await openDispute(intentId, order, now)),
    setUp: async () => answered(simulatedSetUp()),
    verify: async (_customerId, token) => answered(verifySimulated(token)),
    ...simulatedLedger(intents),
    ledger: async () => {
      const charged = (await intents.find({ status: 'succeeded' } as never).lean()) as unknown as SimulatedIntent[];
      return charged.map(({ _id: intentId, reference, amount, currency, customerId, chargedAt, refunded }) => ({
        intentId,
        reference,
        amount,
        currency,
        customerId,
        at: chargedAt as Instant,
        refunded,
      }));
    },
  };
}
