/**
 * The yardstick of unary calls: a bare grpc-js server that answers every call of one RPC with the same bytes.
 * It decodes nothing, and knows neither callers nor a database. Its command line has the RPC's path and the
 * length of the answer; it sends its port to its parent.
 */
import { Server, ServerCredentials } from '@grpc/grpc-js';

const [path, length] = process.argv.slice(2) as [string, string];
const answer = Buffer.alloc(Number(length), 'x');
const raw = (bytes: Buffer): Buffer => bytes;
const server = new Server();
const handle = (_: unknown, done: (error: null, bytes: Buffer) => void): void => done(null, answer);
server.register(path, handle, raw, raw, 'unary');
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.send!(port);
});
process.once('disconnect', () => process.exit());
