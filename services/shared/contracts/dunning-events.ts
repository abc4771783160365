import { z } from 'zod';
import { utcInstant } from '../fields.ts';
import { retryPolicySchema } from './subscription-terms.ts';

const messages = z.array(
  z.object({
    event: z.enum(['payment-failed', 'suspended', 'recovered']),
    afterAttempt: z.int().optional().meta({ description: 'Failed attempt from which the entry applies' }),
    channels: z.array(z.enum(['email', 'sms', 'in-app'])),
  }),
);

const matchedPolicy = (description: string) =>
  z
    .object({
      id: z.string().meta({ examples: ['dun_1'] }),
      match: z
        .object({
          plans: z.array(z.string()).optional(),
          countries: z.array(z.string()).optional(),
          segments: z.array(z.string()).optional(),
        })
        .meta({ description: 'Plans, countries and segments that the policy is for', examples: [{ segments: ['student'] }] }),
      policy: retryPolicySchema,
      createdAt: utcInstant,
    })
    .meta({ description });

export const dunningEvents = {
  'dunning.policy-changed': retryPolicySchema
    .extend({ messages: messages.meta({ description: 'Messages to customers, and by which channels' }) })
    .meta({ description: 'An operator replaced the dunning policy.' }),
  'dunning.matched-policy-saved': matchedPolicy('An operator saved a dunning policy for some subscriptions.'),
  'dunning.matched-policy-deleted': matchedPolicy('An operator deleted a dunning policy for some subscriptions.'),
};
