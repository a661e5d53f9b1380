// A project as people have it: a SAM template with functions, run and validated as it is.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { expectStatus, root, scratch, weft, weftRun } from './lib.mjs';

const orders = path.join(root, 'examples', 'orders', 'template.yaml');
const order = JSON.stringify({ items: [{ name: 'tea', count: 2 }, { name: 'cup', count: 1 }] });

test('weft run template.yaml runs the project with its functions and buckets', async t => {
  const data = path.join(scratch(t), 'data');
  const run = await weftRun([orders, '--input', order, '--data', data, '--substitute', 'Currency=USD']);
  expectStatus(run, 0, 'weft run');
  assert.deepEqual(JSON.parse(run.report.output), { total: '17 USD', reserved: ['2 tea', '1 cup'], bucket: 'stock' });
  assert.ok(fs.statSync(`${data}-buckets/stock`).isDirectory());
});

test('weft validate template.yaml --json lists what would run', async () => {
  const result = await weft(['validate', orders, '--json']);
  expectStatus(result, 0, 'weft validate');
  const listing = JSON.parse(result.stdout);
  assert.equal(listing.result, 'OK');
  assert.deepEqual(listing.stateMachines.map(one => [one.resource, one.name, one.type, one.line, one.result]), [['Orders', 'Orders', 'STANDARD', 15, 'OK']]);
  assert.deepEqual(listing.stateMachines[0].substitutions, {
    PriceArn: 'arn:aws:lambda:us-east-1:000000000000:function:Price',
    ReserveArn: 'arn:aws:lambda:us-east-1:000000000000:function:Reserve',
    StockBucket: 'stock',
  });
  assert.deepEqual(listing.functions.map(one => [one.name, one.runtime, one.handler, one.timeoutSeconds, one.runs]),
    [['Price', 'nodejs22.x', 'app.handler', 10, true], ['Reserve', 'python3.12', 'app.handler', 10, true]]);
  assert.deepEqual(listing.buckets.map(one => one.name), ['stock']);
  assert.deepEqual(listing.findings, []);
});

test('a function that cannot run is named with its place before anything runs', async t => {
  const folder = scratch(t);
  fs.writeFileSync(path.join(folder, 'template.yaml'), `Resources:
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: A
        States:
          A: {Type: Task, Resource: !GetAtt F.Arn, End: true}
  F:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: src, Handler: a.b, Runtime: java21}
`);
  const result = await weft(['run', path.join(folder, 'template.yaml'), '--data', path.join(folder, 'data')]);
  expectStatus(result, 2, 'weft run');
  assert.match(result.stderr, /template\.yaml:11:\d+: The function 'F' has the runtime java21/);
  assert.ok(!fs.existsSync(path.join(folder, 'data', 'store')));
  // What run refuses, validate does.
  const validated = await weft(['validate', path.join(folder, 'template.yaml')]);
  expectStatus(validated, 1, 'weft validate');
  assert.match(validated.stdout, /error: weft run does not start 'M': it calls the function 'F', which cannot run here \(.*java21/);
  assert.match(validated.stdout, /valid: 0; .*errors: 1,/);
  const given = await weft(['validate', path.join(folder, 'template.yaml'), '--function', `F=${path.join(root, 'tests/functions/node/handlers.mjs')}:echo`]);
  expectStatus(given, 0, 'weft validate with the function');
});

test('code that stands in the template runs; of several state machines one must be named', async t => {
  const folder = scratch(t);
  const file = path.join(folder, 'template.yaml');
  fs.writeFileSync(file, `Resources:
  Outer:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: A
        States:
          A:
            Type: Task
            Resource: arn:aws:states:::states:startExecution.sync:2
            Parameters: {StateMachineArn: !Ref Inner, Input: {n: 20}}
            OutputPath: $.Output
            End: true
  Inner:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: none
      DefinitionString: !Sub '{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"\${F.Arn}","End":true}}}'
  F:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      Code: {ZipFile: 'exports.handler = async event => event.n + 1;'}
`);
  const several = await weft(['run', file, '--data', path.join(folder, 'data')]);
  expectStatus(several, 2, 'without --resource');
  assert.match(several.stderr, /several state machines: add --resource with one of Outer, Inner/);
  const run = await weftRun([file, '--resource', 'Outer', '--data', path.join(folder, 'data')]);
  expectStatus(run, 0, 'with --resource');
  assert.equal(run.report.output, '21');
});

test('a definition in YAML runs, with values for its names, and its findings stand in it', async t => {
  const folder = scratch(t);
  const file = path.join(folder, 'greet.asl.yaml');
  fs.writeFileSync(file, 'StartAt: A\nStates:\n  A:\n    Type: Pass\n    Result: {greeting: "${Greeting}", times: ${Times}}\n    End: true\n');
  fs.writeFileSync(path.join(folder, 'values.yaml'), 'Greeting: hello\nTimes: 2\n');
  const run = await weftRun([file, '--substitute', `@${path.join(folder, 'values.yaml')}`, '--substitute', 'Times=3', '--data', path.join(folder, 'data')]);
  expectStatus(run, 0, 'weft run');
  assert.deepEqual(JSON.parse(run.report.output), { greeting: 'hello', times: 3 });
  const mistyped = ['--substitute', 'Greeting=hello', '--substitute', 'Times=2', '--substitute', 'Greting=x'];
  const warned = await weft(['run', file, '--data', path.join(folder, 'data'), ...mistyped]);
  expectStatus(warned, 0, 'weft run with a name too many');
  assert.match(warned.stderr, /warning: The definition has no \$\{Greting\} for --substitute Greting/);
  const checked = await weft(['validate', file, ...mistyped]);
  expectStatus(checked, 0, 'weft validate with a name too many');
  assert.match(checked.stdout, /greet\.asl\.yaml:1:1: warning: The definition has no \$\{Greting\}/);
  fs.writeFileSync(file, 'StartAt: A\nStates:\n  A:\n    Type: Pass\n    Next: B\n');
  const invalid = await weft(['validate', file]);
  expectStatus(invalid, 1, 'weft validate');
  assert.match(invalid.stdout, /greet\.asl\.yaml:5:11: error: MISSING_TRANSITION_TARGET/);
  fs.writeFileSync(file, 'StartAt: A\n\tStates: {}\n');
  const broken = await weft(['run', file]);
  expectStatus(broken, 2, 'weft run');
  assert.match(broken.stderr, /greet\.asl\.yaml:2:\d+: This is no YAML/);
});

const several = `Resources:
  Outer:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      StateMachineName: outer
      RoleArn: none
      DefinitionString: !Sub '{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"\${F.Arn}","End":true}}}'
  Other:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      StateMachineName: other
      RoleArn: none
      DefinitionString: '{"StartAt":"Z","States":{"Z":{"Type":"Succeed"}}}'
  F:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: f
      Runtime: nodejs22.x
      Handler: index.handler
      Code: {ZipFile: 'BODY'}
  Gone:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: gone
      Runtime: nodejs22.x
      Handler: index.handler
      Code: ./nowhere
  Stock:
    Type: AWS::S3::Bucket
    Properties: {BucketName: stock}
`;

test('invoke, redrive and replay take the functions and buckets of a template', async t => {
  const folder = scratch(t);
  const data = path.join(folder, 'data');
  const file = path.join(folder, 'template.yaml');
  const write = body => fs.writeFileSync(file, several.replace('BODY', `exports.handler = async event => ${body};`));
  write('{ throw new Error("no") }');
  const failed = await weftRun([file, '--resource', 'Outer', '--input', '{"n":20}', '--data', data]);
  expectStatus(failed, 1, 'weft run');
  write('event.n + 1');
  const invoked = await weft(['invoke', 'f', '--payload', '{"n":1}', '--template', file, '--data', data]);
  expectStatus(invoked, 0, 'weft invoke');
  assert.equal(invoked.stdout.trim(), '2');
  const gone = await weft(['invoke', 'gone', '--template', file, '--data', data]);
  expectStatus(gone, 2, 'of a function without code');
  assert.match(gone.stderr, /template\.yaml:\d+:\d+: The code of 'Gone' is not there: .*or give it with --function gone=FILE/);
  for (const flags of [['--template', file], ['--definition', file]]) {
    const again = await weft(['replay', 'latest', '--data', data, '--json', ...flags]);
    expectStatus(again, 0, flags.join(' '));
  }
  const redriven = await weft(['redrive', '--json', '--template', file, '--data', data]);
  expectStatus(redriven, 0, 'weft redrive');
  assert.equal(JSON.parse(redriven.stdout).output, '21');
  assert.ok(fs.statSync(`${data}-buckets/stock`).isDirectory());
  assert.deepEqual(fs.readdirSync(folder).sort(), ['data', 'data-buckets', 'template.yaml']);
  const none = path.join(folder, 'none.yaml');
  fs.writeFileSync(none, 'StartAt: A\n');
  const refused = await weft(['invoke', 'f', '--template', none, '--data', data]);
  expectStatus(refused, 2, 'of what is no template');
  assert.match(refused.stderr, /--template .*none\.yaml: expected a template/);
});
