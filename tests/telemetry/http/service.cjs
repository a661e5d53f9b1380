// A service that knows nothing of Weft: POST /orders {"item": N} asks GET /stock/N of itself, as it would
// ask another service, and answers. Every tenth order fails the first time. Prints its port.
const http = require('node:http');

const seen = new Set();

function stock(port, item) {
  return new Promise((resolve, reject) => {
    http.get({ port, path: `/stock/${item}` }, answer => {
      let text = '';
      answer.on('data', chunk => { text += chunk; });
      answer.on('end', () => resolve(JSON.parse(text)));
    }).on('error', reject);
  });
}

const server = http.createServer((request, response) => {
  const answer = (status, value) => {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(value));
  };
  let body = '';
  request.on('data', chunk => { body += chunk; });
  request.on('end', async () => {
    if (request.url.startsWith('/stock/')) return answer(200, { left: 7 });
    const { item } = JSON.parse(body);
    const { left } = await stock(server.address().port, item);
    const fails = item % 10 === 3 && !seen.has(item);
    seen.add(item);
    return fails ? answer(500, { error: 'try again' }) : answer(200, { item, left });
  });
});

server.listen(0, '127.0.0.1', () => console.log(server.address().port));
