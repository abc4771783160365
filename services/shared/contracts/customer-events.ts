import { z } from 'zod';
import { utcInstant } from '../fields.ts';
import { customerSchema, methodDetailsSchema, paymentMethodsChangedSchema } from './customer-resource.ts';

export const customerEvents = {
  'customer.created': customerSchema.meta({ description: 'A customer was created.' }),
  'customer.updated': customerSchema
    .extend({ previous: customerSchema.partial().meta({ description: 'Former values of the fields that changed' }) })
    .meta({ description: 'Fields of a customer changed.', example: { previous: { locale: 'de' } } }),
  'customer.erased': customerSchema
    .extend({ erased: z.array(z.string()).meta({ description: 'Names of the erased fields', examples: [['email', 'name']] }) })
    .meta({ description: 'The personal data of a customer was erased.', example: { email: '', name: '', phone: null, address: null } }),
  'customer.payment-method-added': paymentMethodsChangedSchema.meta({ description: 'A payment method was added.' }),
  'customer.payment-method-removed': paymentMethodsChangedSchema.meta({ description: 'A payment method was removed.' }),
  'customer.payment-method-updated': paymentMethodsChangedSchema.meta({
    description: 'Details of a payment method changed, such as its expiry.',
  }),
  'customer.payment-method-expiring': z
    .object({
      customerId: z.string().meta({ examples: ['cus_1'] }),
      paymentMethodId: z.string().meta({ examples: ['pm_1'] }),
      card: methodDetailsSchema,
      expiresAt: utcInstant.meta({ description: 'First instant at which the card is no longer valid' }),
      nextBillingAt: utcInstant.meta({ description: 'When the card is needed next' }),
    })
    .meta({ description: 'The default card expires before it is needed next. The subject is the notice.' }),
};
