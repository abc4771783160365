import { z } from 'zod';
import { identity, locale, utcInstant } from '../shared/fields.ts';
import { listQuery, pageSchema } from '../shared/list.ts';
import { notFound } from '../shared/problem.ts';
import { ok, type Route, route } from '../shared/route.ts';
import { channels } from './message.ts';
import { notifiedTypes, templatesFor } from './messages.ts';
import { notificationStates } from './notification.ts';
import type { NotificationStore } from './store.ts';
import { languageFor, languages, placeholdersOf, templateIn } from './templates.ts';

const notificationQuery = listQuery({
  customerId: identity('cus').optional(),
  state: z.enum(notificationStates).optional(),
  channel: z.enum(channels).optional(),
});

const eventType = z.string().meta({ description: 'Type of an event', examples: ['invoice.paid'] });

const notificationSchema = z
  .object({
    id: z.string(),
    event: eventType,
    template: z.string().meta({ examples: ['receipt'] }),
    customerId: z.string().meta({ examples: ['cus_1'] }),
    channel: z.enum(channels),
    locale: z.string().meta({ description: 'Locale in which the message is written', examples: ['de-AT'] }),
    subject: z.string().nullable().meta({ description: 'Null for SMS' }),
    body: z.string(),
    state: z.enum(notificationStates).meta({
      description:
        'stored: written, and sent if the channel is configured. sent: accepted by the provider. ' +
        'failed: refused, or tried six times. suppressed: the customer does not want such messages',
    }),
    createdAt: utcInstant,
    sentAt: utcInstant.nullable(),
    attempts: z.int(),
    testClock: z.string().nullable(),
  })
  .meta({ id: 'Notification', description: 'A message to one customer by one channel' });

const templatesSchema = z
  .object({
    event: eventType,
    locale: z.enum(languages).meta({ description: 'Language of the templates' }),
    templates: z.array(
      z.object({
        name: z.string().meta({ examples: ['receipt'] }),
        subject: z.string(),
        body: z.string(),
        sms: z.string().nullable().meta({ description: 'Null for a message that is never sent as SMS' }),
        placeholders: z.array(z.string()).meta({ examples: [['total', 'number']] }),
      }),
    ),
  })
  .meta({ id: 'NotificationTemplates', description: 'The templates of an event in one language' });

export const notificationRoutes = (store: NotificationStore): readonly Route[] => [
  route({
    method: 'get',
    path: '/v1/notifications',
    scope: 'notifications:read',
    operationId: 'listNotifications',
    summary: 'List notifications',
    description: 'Lists the messages to customers by e-mail, by SMS and in the app, newest first, whether they were sent or not.',
    query: notificationQuery,
    responses: { 200: pageSchema(notificationSchema) },
    handle: async ({ query }) => ok(await store.list(query)),
  }),
  route({
    method: 'get',
    path: '/v1/notification-templates/:event',
    scope: 'notifications:read',
    operationId: 'retrieveNotificationTemplates',
    summary: 'Retrieve notification templates',
    description:
      'Returns the templates that an event can use, in the language that a reader of the locale gets: their own if it has templates, else English.',
    params: { event: z.string().meta({ description: 'Type of an event', examples: [...notifiedTypes] }) },
    query: z.strictObject({ locale: locale.default('en') }),
    responses: { 200: templatesSchema },
    problems: ['notification-template-not-found'],
    handle: async ({ params: { event = '' }, query: { locale } }) => {
      const names = templatesFor(event);
      if (!names) return notFound('notification-template', event);
      const language = languageFor(locale);
      const templates = names.map((name) => {
        const template = templateIn(language, name);
        return { name, sms: null, ...template, placeholders: placeholdersOf(template) };
      });
      return ok({ event, locale: language, templates });
    },
  }),
];
