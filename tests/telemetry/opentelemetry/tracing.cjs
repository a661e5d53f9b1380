// What a team adds beside its functions (NODE_OPTIONS=--require), not inside them: OpenTelemetry for
// Node.js with the instrumentations of AWS's SDK and of Lambda. Where spans go comes from the environment.
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { AwsInstrumentation } = require('@opentelemetry/instrumentation-aws-sdk');
const { AwsLambdaInstrumentation } = require('@opentelemetry/instrumentation-aws-lambda');

new NodeSDK({ instrumentations: [new AwsInstrumentation(), new AwsLambdaInstrumentation()] }).start();
