import type { mongo } from 'mongoose';
import type { Period } from '../../../shared/time.ts';
import type { GatewayLedger } from '../gateway-ledger.ts';
import type { SimulatedIntent } from './intents.ts';

const pageSize = 200;

/** The ledger of the simulated gateway for a half-open period, in the order of its intents. */
export function simulatedLedger(intents: mongo.Collection<SimulatedIntent>): GatewayLedger {
  const page = async (filter: mongo.Filter<SimulatedIntent>, after: string | null) => {
    const rows = await intents
      .find({ ...filter, _id: { $gt: after ?? '' } })
      .sort({ _id: 1 })
      .limit(pageSize)
      .toArray();
    return { rows, next: rows.length < pageSize ? null : (rows.at(-1)?._id ?? null) };
  };
  const within = ({ start, end }: Period) => ({ $gte: start, $lt: end });

  return {
    charges: async (period, cursor) => {
      const { rows, next } = await page({ status: 'succeeded', chargedAt: within(period) }, cursor);
      const charges = rows.map(({ _id, reference, customerId, amount, refunded, currency, chargedAt }) => ({
        ...{ intentId: _id, reference, customerId, amount, refunded, currency },
        at: chargedAt ?? period.start,
      }));
      return { rows: charges, next };
    },
    refunds: async (period, cursor) => {
      const { rows, next } = await page({ status: 'succeeded', 'refunds.at': within(period) }, cursor);
      const refunds = rows.flatMap((intent) => refundsOf(intent).filter(({ at }) => at >= period.start && at < period.end));
      return { rows: refunds, next };
    },
    counted: ({ amount }) => amount,
  };
}

const refundsOf = ({ _id: intentId, reference: chargeReference, currency, refunds }: SimulatedIntent) =>
  refunds
    .filter(({ status }) => status !== 'refused')
    .map(({ refundId, reference, amount, at }) => ({ refundId, reference, intentId, chargeReference, amount, currency, at }));
