/** The fixed credentials of the demo. They are rejected outside development, whatever the database contains. */
export const DEMO = {
  operator: 'demo',
  admin: { userName: 'demo', password: 'demo' },
  secret: 'wf_test_demo',
} as const;
