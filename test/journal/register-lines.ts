/** The lines of register.test.ts for facts of webhooks. */
export const WEBHOOK_FACTS = [
  '801 1 webhook.created -',
  '802 1 webhook.updated -',
  '803 1 webhook.deleted -',
  '804 1 webhook.secret-changed -',
  '805 1 webhook.settings-changed -',
  '806 1 webhook.events-redelivered -',
];
