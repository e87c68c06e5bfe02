export { Tasks } from './runner.ts';
export type { Order, Task } from './task.ts';
