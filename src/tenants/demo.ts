/** The fixed credentials of the demo. They are refused outside development, whatever the database holds. */
export const DEMO = {
  operator: 'demo',
  admin: { userName: 'demo', password: 'demo' },
  secret: 'wf_test_demo',
} as const;
