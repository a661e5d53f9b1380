// Run by AWS's own runtime client.
export const echo = async (event, context) => ({ event, requestId: context.awsRequestId });

export const throws = async () => {
  throw new TypeError('cannot do this');
};
