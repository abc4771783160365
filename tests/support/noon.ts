export const noon = '2026-01-31T12:00:00.000Z';
