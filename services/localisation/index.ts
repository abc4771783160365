import type { CreateService } from '../shared/service.ts';
import { localisationRoutes } from './routes.ts';

/** How amounts, dates and the platform's own words look in a customer's language. */
export const createLocalisationService: CreateService = () => ({
  name: 'localisation',
  about: 'How amounts, dates and the platform’s own words look in a customer’s language.',
  routes: localisationRoutes('/v1/localisation'),
  internal: localisationRoutes(''),
  reactions: [],
});
