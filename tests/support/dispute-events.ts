import type { DisputeResource } from '../../services/shared/contracts/dispute-resource.ts';
import { type MarqueeEvent, newEvent } from '../../services/shared/events.ts';
import { noon } from './money-events.ts';

const sequences = { opened: 1, lost: 2, won: 3 } as const;
const statuses = { opened: 'needs-response', lost: 'lost', won: 'won' } as const;

/** `dispute.opened`, `dispute.lost` or `dispute.won` of the payment of `inv_sub_1_1`. */
export function disputeEvent(telling: keyof typeof sequences, changes: Partial<DisputeResource> = {}): MarqueeEvent<'dispute.*'> {
  const data: DisputeResource = {
    ...{ id: 'dsp_1', paymentId: 'pay_inv_sub_1_1', invoiceId: 'inv_sub_1_1', subscriptionId: 'sub_1', customerId: 'cus_1' },
    ...{ amount: 1799, currency: 'EUR', reason: 'fraudulent', status: statuses[telling], fee: null, evidenceDueBy: null },
    ...{ gateway: 'simulated', gatewayDisputeId: 'dp_1', createdAt: noon, settledAt: telling === 'opened' ? null : noon, testClock: null },
    ...changes,
  };
  return newEvent({
    type: `dispute.${telling}` as const,
    ...{ subject: data.id, sequence: sequences[telling], time: noon },
    ...{ customerId: data.customerId, testClock: null, data },
  });
}
