// Found when only the directory is named.
export const handler = async () => 'from index';
