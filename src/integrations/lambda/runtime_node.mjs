// Runs one JavaScript handler against the Lambda Runtime API: node runtime_node.mjs FILE EXPORT.
// Behaves as AWS's managed Node.js runtime does: async and callback handlers, ES modules, CommonJS.
import net from 'node:net';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { installConsole, logError, setRequestId } from './node_console.mjs';
import { findSyncHost } from './node_hosts.mjs';
import { endOnTerminate } from './node_shutdown.mjs';

findSyncHost(process.env.AWS_ENDPOINT_URL_SFN ?? process.env.AWS_ENDPOINT_URL);

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const prefix = '/2018-06-01/runtime/';
const headEnd = Buffer.from('\r\n\r\n');

// The lines of an answer's head. Values are taken out when asked for: most calls ask for few.
class Headers {
  #text;
  #lower;

  constructor(text) {
    this.#text = text;
    this.#lower = text.toLowerCase();
  }

  // The value of the header `name`, which is in lower case; undefined where there is none.
  get(name) {
    const line = this.#lower.indexOf(`\r\n${name}:`);
    if (line < 0) return undefined;
    const from = line + name.length + 3;
    const to = this.#text.indexOf('\r\n', from);
    return this.#text.slice(from, to < 0 ? undefined : to).trim();
  }
}

// One answer, gathered from the pieces in which it arrives. The host frames each by Content-Length.
class Answer {
  #chunks = [];
  #size = 0;
  #bodyAt = 0;  // 0 until the head is complete
  #end = 0;

  // Whether the answer is complete with this piece.
  add(chunk) {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#bodyAt === 0) this.#readHead();
    return this.#bodyAt > 0 && this.#size >= this.#end;
  }

  get body() {
    return this.#joined().toString('utf8', this.#bodyAt, this.#end);
  }

  #readHead() {
    const bytes = this.#joined();
    const at = bytes.indexOf(headEnd);
    if (at < 0) return;
    const head = bytes.toString('latin1', 0, at);
    this.status = Number(head.slice(9, 12));
    this.headers = new Headers(head);
    this.#bodyAt = at + headEnd.length;
    this.#end = this.#bodyAt + Number(this.headers.get('content-length') ?? 0);
  }

  #joined() {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0];
  }
}

// The one connection to the Runtime API. Node's own HTTP client spends three times the processor
// time of this on a call, and libraries that trace it would show the calls of this file too; for
// their sake the connection is there before the handler's file is loaded.
class Connection {
  #socket = this.#connect();
  #waiting;  // { resolve, reject, answer } of the call under way
  #closed = false;

  call(request) {
    this.#socket ??= this.#connect();
    this.#socket.ref();
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject, answer: new Answer() };
      this.#socket.write(request);
    });
  }

  // For good; who waits for an answer waits for ever.
  close() {
    this.#closed = true;
    this.#socket?.destroy();
  }

  #connect() {
    const socket = net.connect({ host, port: Number(port), noDelay: true });
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => {
      this.#socket = undefined;
      this.#fail(new Error('The Runtime API closed the connection'));
    });
    return socket;
  }

  #receive(chunk) {
    const waiting = this.#waiting;
    if (!waiting?.answer.add(chunk)) return;
    this.#waiting = undefined;
    // While the handler runs nothing of ours keeps the event loop from being empty.
    this.#socket.unref();
    waiting.resolve(waiting.answer);
  }

  #fail(error) {
    if (this.#closed) return;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }
}

const connection = new Connection();

function get(path) {
  return connection.call(`GET ${prefix}${path} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`);
}

function post(path, body, header = '') {
  return connection.call(
    `POST ${prefix}${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nContent-Type: application/json\r\n` +
      `${header}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

// What AWS's runtime posts for a thrown value.
function describe(error) {
  if (error instanceof Error) {
    const trace = (error.stack ?? '').split('\n');
    return { errorType: error.name, errorMessage: error.message, trace };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function report(path, what, error) {
  const described = describe(error);
  logError(what, error);
  // A name is free text; in a header line it is not.
  const type = `${described.errorType}`.replace(/[^\x20-\x7e]/g, '?');
  const header = `Lambda-Runtime-Function-Error-Type: ${type}\r\n`;
  return post(path, JSON.stringify(described), header);
}

class RuntimeError extends Error {
  constructor(name, message) {
    super(message);
    this.name = `Runtime.${name}`;
  }
}

// As AWS's runtime does: CommonJS through require, which is where tracing libraries hook in.
async function loadModule(file) {
  if (!file.endsWith('.mjs')) {
    try {
      return createRequire(file)(file);
    } catch (error) {
      if (error?.code !== 'ERR_REQUIRE_ESM' && error?.code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error;
    }
  }
  return import(pathToFileURL(file).href);
}

async function load(file, name) {
  let module;
  try {
    module = await loadModule(file);
  } catch (error) {
    if (error instanceof SyntaxError) {
      const wrapped = new RuntimeError('UserCodeSyntaxError', `${error}`);
      wrapped.stack = error.stack;
      throw wrapped;
    }
    if (error?.code === 'ERR_MODULE_NOT_FOUND' || error?.code === 'MODULE_NOT_FOUND') {
      throw new RuntimeError('ImportModuleError', `Error: ${error.message}`);
    }
    throw error;
  }
  // Exports a CommonJS module assigns at run time stand only on its default export.
  const handler = module?.[name] ?? module?.default?.[name];
  if (typeof handler === 'function') return handler;
  const fault = handler === undefined ? 'undefined or not exported' : 'not a function';
  throw new RuntimeError('HandlerNotFound', `${file}.${name} is ${fault}`);
}

const {
  AWS_LAMBDA_FUNCTION_NAME: functionName,
  AWS_LAMBDA_FUNCTION_VERSION: functionVersion,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memoryLimitInMB,
  AWS_LAMBDA_LOG_GROUP_NAME: logGroupName,
  AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
} = process.env;

function contextOf(headers) {
  const deadline = Number(headers.get('lambda-runtime-deadline-ms'));
  let clientContext;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion,
    memoryLimitInMB,
    logGroupName,
    logStreamName,
    awsRequestId: headers.get('lambda-runtime-aws-request-id'),
    invokedFunctionArn: headers.get('lambda-runtime-invoked-function-arn'),
    // Every call has one, for the trace, and few handlers look at it.
    get clientContext() {
      const text = headers.get('lambda-runtime-client-context');
      return (clientContext ??= text && JSON.parse(text));
    },
    set clientContext(value) {
      clientContext = value;
    },
    identity: undefined,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

// The value of `name` ("Parent=") in AWS's trace header; "" where it is missing.
function traceField(header, name) {
  const at = header.indexOf(name);
  if (at < 0) return '';
  const end = header.indexOf(';', at);
  return header.slice(at + name.length, end < 0 ? undefined : end);
}

// W3C's form of AWS's trace header; undefined where it names no span.
function traceparent(header) {
  const root = traceField(header, 'Root=');  // 1-8 digits-24 digits
  const parent = traceField(header, 'Parent=');
  if (root.length !== 35 || !parent) return undefined;
  const flags = traceField(header, 'Sampled=') === '1' ? '01' : '00';
  return `00-${root.slice(2, 10)}${root.slice(11)}-${parent}-${flags}`;
}

// Variables whose value is another in every call. They stand before the environment, not in it: the
// C library keeps every value that was ever set, and searches them all when it sets the next.
const ofCall = new Map();
const environment = process.env;
environment.AWS_EXECUTION_ENV ??= `AWS_Lambda_nodejs${process.versions.node.split('.')[0]}.x`;
delete environment._X_AMZN_TRACE_ID;
delete environment.TRACEPARENT;
process.env = new Proxy(environment, {
  get: (_, name) => ofCall.get(name) ?? environment[name],
  has: (_, name) => ofCall.has(name) || name in environment,
  set(_, name, value) {
    ofCall.delete(name);
    environment[name] = value;
    return true;
  },
  deleteProperty(_, name) {
    ofCall.delete(name);
    return delete environment[name];
  },
  ownKeys: () => [...new Set([...Object.keys(environment), ...ofCall.keys()])],
  getOwnPropertyDescriptor(_, name) {
    if (!ofCall.has(name)) return Object.getOwnPropertyDescriptor(environment, name);
    return { value: ofCall.get(name), writable: true, enumerable: true, configurable: true };
  },
});

// The trace of the call in AWS's form and as W3C's, for whatever reads the environment.
function setTrace(header) {
  ofCall.clear();
  if (!header) return;
  ofCall.set('_X_AMZN_TRACE_ID', header);
  const parent = traceparent(header);
  if (parent) ofCall.set('TRACEPARENT', parent);
}

// Where the event loop is empty and the handler has neither answered nor failed, nothing will come.
let answerNothing;
process.on('beforeExit', () => answerNothing?.());

function run(handler, event, context) {
  return new Promise((resolve, reject) => {
    answerNothing = () => resolve(null);
    const done = (error, result) => (error ?? null) === null ? resolve(result) : reject(error);
    context.done = done;
    context.succeed = (result) => done(null, result);
    context.fail = (error) => done(error ?? 'handled');
    const returned = handler(event, context, done);
    if (typeof returned?.then === 'function') {
      returned.then(resolve, reject);
    } else if (handler.length < 3) {
      // A plain function that cannot call back has nothing more to say.
      resolve(returned);
    }
  });
}

async function serve(handler) {
  while (true) {
    const next = await get('invocation/next');
    if (next.status !== 200) throw new Error(`invocation/next answered ${next.status}`);
    const id = next.headers.get('lambda-runtime-aws-request-id');
    setRequestId(id);
    setTrace(next.headers.get('lambda-runtime-trace-id'));
    let text;
    try {
      const result = await run(handler, JSON.parse(next.body), contextOf(next.headers));
      text = JSON.stringify(result === undefined ? null : result);
      if (text === undefined) throw new TypeError('The result has no JSON form');
    } catch (error) {
      await report(`invocation/${id}/error`, 'Invoke Error', error);
      continue;
    }
    await post(`invocation/${id}/response`, text);
  }
}

// As in AWS's runtime, an exception nobody catches ends the process, and with it the invocation.
let starting = true;
async function die(error, what) {
  if (starting) {
    await report('init/error', what, error);
  } else {
    logError(what, error);
  }
  process.exit(1);
}
process.on('unhandledRejection', (error) => die(error, 'Unhandled Promise Rejection'));
process.on('uncaughtException', (error) => {
  logError('Uncaught Exception', error);
  process.exit(129);
});

// Full pipes are written in the background; a call that answers or a process that exits would leave
// lines behind.
for (const stream of [process.stdout, process.stderr]) stream._handle?.setBlocking?.(true);
installConsole();
endOnTerminate(() => connection.close());

// No await at the top: a process that ends while one is pending has failed in Node's eyes.
async function main() {
  const [file, name] = process.argv.slice(2);
  process.argv.splice(2);
  try {
    const handler = await load(file, name);
    starting = false;
    await serve(handler);
  } catch (error) {
    await die(error, 'Uncaught Exception');
  }
}
main();
