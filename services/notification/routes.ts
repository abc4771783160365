import { z } from 'zod';
import { listQuery } from '../shared/list.ts';
import { notFound } from '../shared/problem.ts';
import { ok, type Route, route } from '../shared/route.ts';
import { templatesFor } from './messages.ts';
import type { NotificationQuery, NotificationStore } from './store.ts';
import { languageFor, placeholdersOf, templateIn } from './templates.ts';

const notificationQuery = listQuery({
  customerId: z.string().optional(),
  state: z.enum(['stored', 'sent', 'failed', 'suppressed']).optional(),
  channel: z.enum(['email', 'sms', 'in-app']).optional(),
});

const templateQuery = z.strictObject({ locale: z.string().max(35).default('en') });

export const routes = (store: NotificationStore): readonly Route[] => [
  route<undefined, NotificationQuery>({
    method: 'get',
    path: '/v1/notifications',
    scope: 'notifications:read',
    summary: 'What customers were told, newest first: by which channel, in which language, and whether it went out.',
    query: notificationQuery,
    handle: async ({ query }) => ok(await store.list(query)),
  }),
  route<undefined, { locale: string }>({
    method: 'get',
    path: '/v1/notification-templates/:event',
    scope: 'notifications:read',
    summary: 'The templates an event may choose, in the language that a reader of the locale gets.',
    query: templateQuery,
    handle: async ({ params: { event = '' }, query: { locale } }) => {
      const names = templatesFor(event);
      if (!names) return notFound('notification-template', event);
      const language = languageFor(locale);
      const templates = names.map((name) => ({ name, template: templateIn(language, name) }));
      const shown = templates.map(({ name, template }) => ({ name, sms: null, ...template, placeholders: placeholdersOf(template) }));
      return ok({ event, locale: language, templates: shown });
    },
  }),
];
