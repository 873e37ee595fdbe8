// Node's own gRPC library with the .proto file: metadata, an inference with typed contents, one
// with raw contents, and a refusal.
//
//   node infer.js ADDRESS PROTO    prints what came back
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const [address, proto] = process.argv.slice(2);
const {inference} = grpc.loadPackageDefinition(protoLoader.loadSync(proto, {keepCase: true}));
const client = new inference.GRPCInferenceService(address, grpc.credentials.createInsecure());

// The answer of a unary method, or its error.
const call = (method, request) => new Promise(resolve => {
  const deadline = new Date(Date.now() + 30000);
  client[method](request, {deadline}, (error, answer) => resolve(error || answer));
});

const input = {name: 'input', datatype: 'FP32', shape: [1, 3, 1]};
const floats = bytes => Array.from({length: bytes.length / 4}, (_, i) => bytes.readFloatLE(4 * i));

async function main() {
  const metadata = await call('ModelMetadata', {name: 'conv'});
  const raw = Buffer.alloc(12);
  [1, 2, 3].forEach((value, i) => raw.writeFloatLE(value, 4 * i));
  const requests = {
    typed: {model_name: 'conv', inputs: [{...input, contents: {fp32_contents: [1, 2, 3]}}]},
    raw: {model_name: 'conv', inputs: [input], raw_input_contents: [raw]},
  };
  const results = {metadata: [metadata.name, metadata.inputs[0].datatype]};
  for (const [name, request] of Object.entries(requests)) {
    results[name] = floats((await call('ModelInfer', request)).raw_output_contents[0]);
  }
  results.refusal = (await call('ModelInfer', {model_name: 'nobody'})).code;
  console.log(JSON.stringify(results));
  client.close();
}

main();
