import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import type { DisputeStatus } from '../../../shared/contracts/dispute-resource.ts';
import { collectionOf, insertNew } from '../../../shared/mongo.ts';
import { batched } from '../../../shared/one-batch-at-a-time.ts';
import type { Instant } from '../../../shared/time.ts';
import type { Charge, DisputeOrder, DisputeReference, Gateway } from '../gateway.ts';
import { disputeBehaviourOf } from './cards.ts';
import { decisionOn, gatewayDisputeOf, openSimulatedDispute, respondToSimulatedDispute } from './disputes.ts';
import { intentIdOf, intentModel, type KnownOutcome, type KnownRequest, type SimulatedIntent } from './intents.ts';
import { simulatedLedger } from './ledger.ts';
import { simulatedSetUp, verifySimulated } from './methods.ts';
import { gatewayRefundOf, lookUpSimulatedRefund, refundSimulated } from './refunds.ts';
import { deliveredOutcome, latestResponse, parametersOf, responseTo, savedResponse } from './responses.ts';

type Transition = { readonly at: Instant; readonly paymentMethod: string; readonly from: readonly KnownOutcome['kind'][] };

export type LedgerCharge = Omit<Charge, 'paymentMethod'> & { readonly intentId: string; readonly at: Instant; readonly refunded: number };

export type SimulatedGateway = Gateway & {
  /** Every successful charge of this gateway, for tests. */
  readonly ledger: () => Promise<readonly LedgerCharge[]>;
};

/** Notifies of the status of a dispute, as a real gateway does by webhook. A repeat is harmless. */
export type NotifyDispute = (intentId: string, status: DisputeStatus) => Promise<void>;

const open: readonly KnownOutcome['kind'][] = ['declined', 'action-required'];

/**
 * A gateway with its own ledger that behaves like a real one. An intent is one document: a charge
 * and the key that made it are written in one operation, and only while the intent is not paid, so
 * that it is charged at most once whatever is repeated or lost.
 */
export function createSimulatedGateway(
  documents: Connection,
  latencyMillis = () => 0,
  notify: NotifyDispute = async () => {},
): SimulatedGateway {
  const model = intentModel(documents);
  const intents = collectionOf(model);
  const find = (id: string) => intents.findOne({ _id: id });
  const delayed = async <Outcome>(outcome: Outcome): Promise<Outcome> => {
    const latency = latencyMillis();
    if (latency > 0) await pause(latency);
    return outcome;
  };

  /** True for each intent that did not exist yet. */
  const insert = batched(async (rows: readonly SimulatedIntent[]) => {
    const inserted = await insertNew(model, rows);
    return rows.map(({ _id }) => inserted.has(_id));
  });

  /**
   * Moves an intent on from one of the states under a new key. A known key gets its saved response,
   * any other the latest response of the intent.
   */
  const transition = async (
    intentId: string,
    request: KnownRequest,
    { at, paymentMethod, from }: Transition,
  ): Promise<KnownOutcome & { fresh?: true }> => {
    const { kind } = request.answer;
    const { matchedCount } = await intents.updateOne(
      { _id: intentId, status: { $in: from }, 'requests.key': { $ne: request.key } },
      {
        $set: { status: kind, ...(kind === 'succeeded' && { chargedAt: at }) },
        $push: { requests: request, attempts: { at, paymentMethod, outcome: kind } },
      },
    );
    if (matchedCount === 1) return { ...request.answer, fresh: true };
    const intent = await find(intentId);
    if (!intent) throw new Error(`the gateway has no intent ${intentId}`);
    return savedResponse(intent, request) ?? latestResponse(intent);
  };

  /** Settles a pending intent once it is time, as if its bank had responded. */
  const settlePending = async (intent: SimulatedIntent, now: Instant): Promise<KnownOutcome> => {
    const { _id: intentId } = intent;
    const { paymentMethod } = intent.attempts.at(-1) as SimulatedIntent['attempts'][number];
    const answer = responseTo(intentId, paymentMethod, now);
    if (answer.kind === 'pending') return answer;
    const request: KnownRequest = { key: `${intentId}:settled`, parameters: 'settled', answer };
    const { fresh: _fresh, ...settled } = await transition(intentId, request, { at: now, paymentMethod, from: ['pending'] });
    return settled as KnownOutcome;
  };

  const openDispute = async (intentId: string, order: DisputeOrder, now: Instant): Promise<boolean> => {
    const isOpen = await openSimulatedDispute(intents, intentId, order, now);
    if (isOpen) await notify(intentId, order.status);
    return isOpen;
  };

  const respondToDispute = async (dispute: DisputeReference, status: DisputeStatus) => {
    const response = await respondToSimulatedDispute(intents, dispute, status);
    if (response.kind === 'accepted') await notify(dispute.intentId, status);
    return response;
  };

  /**
   * Opens the dispute of a customer who disputes before the response of the charge arrives. A
   * repeat opens no other.
   */
  const disputed = async ({ kind, intentId }: KnownOutcome, paymentMethod: string, now: Instant): Promise<void> => {
    const status = kind === 'succeeded' ? disputeBehaviourOf(paymentMethod) : undefined;
    if (status !== undefined) await openDispute(intentId, { reason: 'fraudulent', status }, now);
  };

  return {
    name: 'simulated',
    create: async (key, charge, now) => {
      const _id = intentIdOf(key);
      const { paymentMethod, ...rest } = charge;
      const request = { key, parameters: parametersOf('create', charge), answer: responseTo(_id, paymentMethod, now) };
      const status = request.answer.kind;
      const attempts = [{ at: now, paymentMethod, outcome: status }];
      const chargedAt = status === 'succeeded' ? now : null;
      const [fresh] = await insert([{ _id, ...rest, status, requests: [request], attempts, chargedAt, refunds: [], refunded: 0 }]);
      await disputed(request.answer, paymentMethod, now);
      if (!fresh) return delayed(savedResponse((await find(_id)) as SimulatedIntent, request) as KnownOutcome);
      return delayed(deliveredOutcome(request.answer, paymentMethod, now));
    },
    confirm: async (key, intentId, paymentMethod, now) => {
      const request = {
        key,
        parameters: parametersOf('confirm', { intentId, paymentMethod }),
        answer: responseTo(intentId, paymentMethod, now),
      };
      const { fresh, ...answer } = await transition(intentId, request, { at: now, paymentMethod, from: open });
      await disputed(answer, paymentMethod, now);
      return delayed(fresh ? deliveredOutcome(answer, paymentMethod, now) : answer);
    },
    confirmAuthenticated: async (key, intentId, now) => {
      const request: KnownRequest = {
        key,
        parameters: parametersOf('authenticated', { intentId }),
        answer: { kind: 'succeeded', intentId },
      };
      const { fresh: _fresh, ...answer } = await transition(intentId, request, {
        at: now,
        paymentMethod: 'authenticated',
        from: ['action-required'],
      });
      return delayed(answer);
    },
    cancel: async (key, intentId, now) => {
      const request: KnownRequest = { key, parameters: parametersOf('cancel', { intentId }), answer: { kind: 'cancelled', intentId } };
      const { fresh: _fresh, ...answer } = await transition(intentId, request, { at: now, paymentMethod: 'none', from: open });
      return delayed(answer);
    },
    lookUp: async ({ reference }, intentId, now) => {
      const found = await intents.find(intentId === null ? { reference } : { _id: intentId }).toArray();
      const intent = found.find(({ status }) => status !== 'cancelled') ?? found[0];
      if (!intent) return delayed({ kind: 'absent' });
      if (intent.status === 'pending') return delayed(await settlePending(intent, now));
      return delayed(latestResponse(intent));
    },
    refund: async (key, order, now) => delayed(await refundSimulated(intents, key, order, now)),
    lookUpRefund: async (order, refundId) => delayed(await lookUpSimulatedRefund(intents, order, refundId)),
    lookUpReturns: async (intentId) => {
      const intent = await find(intentId);
      if (!intent) return delayed({ kind: 'absent' });
      return delayed({
        kind: 'found',
        reference: intent.reference,
        refunds: intent.refunds.map(gatewayRefundOf),
        disputes: (intent.disputes ?? []).map(gatewayDisputeOf),
      });
    },
    submitEvidence: async (dispute, evidence) => delayed(await respondToDispute(dispute, decisionOn(evidence))),
    acceptDispute: async (dispute) => delayed(await respondToDispute(dispute, 'lost')),
    openDispute: async (intentId, order, now) => delayed(await openDispute(intentId, order, now)),
    setUp: async () => delayed(simulatedSetUp()),
    verify: async (_customerId, token) => delayed(verifySimulated(token)),
    ...simulatedLedger(intents),
    ledger: async () => {
      const charged = await intents.find({ status: 'succeeded' }).toArray();
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
