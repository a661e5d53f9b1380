// Causes of errors are often JSON: what a person wants of it is the message.

export function causeText(cause: string | undefined): string {
  if (!cause) return '';
  try {
    const value = JSON.parse(cause) as { errorMessage?: unknown; message?: unknown; Message?: unknown };
    const message = value?.errorMessage ?? value?.message ?? value?.Message;
    if (typeof message === 'string') return message;
  } catch {
    // Plain text.
  }
  return cause;
}
