// Runs one JavaScript handler against the Lambda Runtime API: node runtime_node.mjs FILE EXPORT.
// Behaves as AWS's managed Node.js runtime does: async and callback handlers, ES modules, CommonJS.
import http from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const prefix = '/2018-06-01/runtime/';
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, body, headers) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, agent, method, path: prefix + path, headers });
    request.on('response', (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode, headers: response.headers, body: text });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

function post(path, text, headers = {}) {
  const body = Buffer.from(text);
  const own = { 'Content-Type': 'application/json', 'Content-Length': body.length };
  return call('POST', path, body, { ...own, ...headers });
}

// What AWS's runtime posts for a thrown value.
function describe(error) {
  if (error instanceof Error) {
    const trace = (error.stack ?? '').split('\n');
    return { errorType: error.name, errorMessage: error.message, trace };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function report(path, error) {
  const described = describe(error);
  console.error(JSON.stringify(described));
  const type = { 'Lambda-Runtime-Function-Error-Type': described.errorType };
  return post(path, JSON.stringify(described), type);
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

function contextOf(headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const clientContext = headers['lambda-runtime-client-context'];
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    clientContext: clientContext ? JSON.parse(clientContext) : undefined,
    identity: undefined,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

// The trace of the call in AWS's form and as W3C's, for whatever reads the environment.
function setTrace(header) {
  if (!header) {
    delete process.env._X_AMZN_TRACE_ID;
    delete process.env.TRACEPARENT;
    return;
  }
  process.env._X_AMZN_TRACE_ID = header;
  const part = (name) => header.match(new RegExp(`(?:^|;)${name}=([^;]*)`))?.[1];
  const root = part('Root')?.split('-');
  const parent = part('Parent');
  if (root?.length === 3 && parent) {
    const sampled = part('Sampled') === '1' ? '01' : '00';
    process.env.TRACEPARENT = `00-${root[1]}${root[2]}-${parent}-${sampled}`;
  } else {
    delete process.env.TRACEPARENT;
  }
}

function run(handler, event, context) {
  return new Promise((resolve, reject) => {
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
    const next = await call('GET', 'invocation/next');
    if (next.status !== 200) throw new Error(`invocation/next answered ${next.status}`);
    const id = next.headers['lambda-runtime-aws-request-id'];
    setTrace(next.headers['lambda-runtime-trace-id']);
    let text;
    try {
      const result = await run(handler, JSON.parse(next.body), contextOf(next.headers));
      text = JSON.stringify(result === undefined ? null : result);
      if (text === undefined) throw new TypeError('The result has no JSON form');
    } catch (error) {
      await report(`invocation/${id}/error`, error);
      continue;
    }
    await post(`invocation/${id}/response`, text);
  }
}

// As in AWS's runtime, an exception nobody catches ends the process, and with it the invocation.
let starting = true;
async function die(error) {
  if (starting) {
    await report('init/error', error);
  } else {
    const described = { ...describe(error), errorType: 'Runtime.UnhandledPromiseRejection' };
    console.error(JSON.stringify(described));
  }
  process.exit(1);
}
process.on('unhandledRejection', die);
process.on('uncaughtException', (error) => {
  console.error(error);
  process.exit(129);
});

// Full pipes are written in the background; a call that answers or a process that exits would leave
// lines behind.
for (const stream of [process.stdout, process.stderr]) stream._handle?.setBlocking?.(true);

const [file, name] = process.argv.slice(2);
process.argv.splice(2);
try {
  const handler = await load(file, name);
  starting = false;
  await serve(handler);
} catch (error) {
  await die(error);
}
