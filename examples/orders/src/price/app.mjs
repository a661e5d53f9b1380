const prices = { tea: 4, cup: 9 };

export const handler = async order => {
  const total = order.items.reduce((sum, item) => sum + prices[item.name] * item.count, 0);
  return { total: `${total} ${process.env.CURRENCY}` };
};
