// CommonJS handlers of the callback style.
exports.handler = (event, context, callback) => setImmediate(() => callback(null, { got: event }));

// Never calls back, and nothing is left that could.
exports.forgets = (event, context, callback) => {};

exports.fails = (event, context, callback) => callback(new RangeError('out of range'));
