import { z } from 'zod';
import { money, utcInstant } from '../fields.ts';
import { movementFields } from './payment-resource.ts';
import type { ResourceOf } from './resource-of.ts';

const disputeStatusSchema = z.enum(['inquiry', 'needs-response', 'under-review', 'won', 'lost', 'closed']).meta({
  description:
    'inquiry: the bank only inquires, no money has moved. needs-response, under-review: the amount is withdrawn until the bank decides. ' +
    'lost: the amount stays withdrawn. won: it was returned. closed: an inquiry without consequence',
});

export type DisputeStatus = z.infer<typeof disputeStatusSchema>;

/**
 * A dispute, in responses and as `data` of `dispute.opened`, `dispute.lost` and `dispute.won`.
 * `amount` is the disputed part of the payment.
 */
export const disputeSchema = z
  .object({
    ...movementFields,
    id: z.string().meta({ examples: ['dsp_1'] }),
    paymentId: z.string().meta({ examples: ['pay_inv_sub_1_1'] }),
    reason: z.string().meta({ description: 'Reason code of the gateway', examples: ['fraudulent'] }),
    status: disputeStatusSchema,
    fee: money.nullable().meta({ description: 'Fee that the gateway charges for the dispute, where it reports one' }),
    evidenceDueBy: utcInstant.nullable().meta({ description: 'Deadline for the evidence' }),
    gateway: z.string().meta({ examples: ['simulated'] }),
    gatewayDisputeId: z.string().meta({ examples: ['dp_1'] }),
  })
  .meta({ id: 'Dispute', description: 'A payment, or a part of it, that a customer had their bank take back' });

export type DisputeResource = ResourceOf<typeof disputeSchema>;
