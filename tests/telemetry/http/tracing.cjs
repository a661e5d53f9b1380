// What a team adds beside its service (node --require): OpenTelemetry for Node.js with the instrumentation
// of HTTP. Where spans go comes from the environment.
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');

new NodeSDK({ instrumentations: [new HttpInstrumentation()] }).start();
