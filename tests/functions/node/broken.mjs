throw new Error('fails while it loads');
