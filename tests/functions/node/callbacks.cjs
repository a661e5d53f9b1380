// CommonJS handlers of the callback style.
exports.handler = (event, context, callback) => setImmediate(() => callback(null, { got: event }));

exports.fails = (event, context, callback) => callback(new RangeError('out of range'));
