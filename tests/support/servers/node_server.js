// SPDX-License-Identifier: Apache-2.0
// node's http module for the tests: node node_server.js PORT
'use strict';
const http = require('http');
const zlib = require('zlib');

let connections = 0;

/** Sends the request's body back in pieces as they come, without a length. */
function echo(request, response) {
  response.writeHead(200, {
    'Content-Type': request.headers['content-type'] || 'application/octet-stream',
    'X-Method': request.method,
    'X-Length': request.headers['content-length'] || 'none',
    'X-Coding': request.headers['transfer-encoding'] || 'none',
  });
  request.pipe(response);
}

const decoders = {
  gzip: zlib.createGunzip,
  deflate: zlib.createInflate,
  br: zlib.createBrotliDecompress,
};
const encoders = {
  gzip: zlib.createGzip,
  deflate: zlib.createDeflate,
  'deflate-raw': zlib.createDeflateRaw,
  br: () => zlib.createBrotliCompress({ params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 5 } }),
};

/** Sends the request's body back as it was before it was encoded. */
function decode(request, response) {
  const coding = request.headers['content-encoding'];
  response.writeHead(200, {
    'X-Content-Encoding': coding || 'none',
    'X-Coding': request.headers['transfer-encoding'] || 'none',
  });
  if (decoders[coding]) {
    request.pipe(decoders[coding]()).on('error', () => response.destroy()).pipe(response);
  } else {
    request.pipe(response);
  }
}

/** `/encode?gzip,br`: the request's body with these codings applied in turn. */
function encode(request, response) {
  const codings = request.url.split('?')[1].split(',');
  response.writeHead(200, {
    'Content-Encoding': codings.map((coding) => coding.replace('-raw', '')).join(', '),
    'X-Accept-Encoding': request.headers['accept-encoding'] || 'none',
  });
  codings.reduce((stream, coding) => stream.pipe(encoders[coding]()), request).pipe(response);
}

const routes = {
  '/decode': decode,
  '/encode': encode,
  '/hello': (request, response) => {
    response.setHeader('Content-Length', 15);
    response.end('hello from node');
  },
  '/echo': echo,
  '/connection': (request, response) => {
    const socket = request.socket;
    socket.requests = (socket.requests || 0) + 1;
    response.end(`${socket.number}/${socket.requests}`);
  },
  '/chunked': (request, response) => {
    response.write('one,');
    response.write('two,');
    response.end('three');
  },
  '/trailers': (request, response) => {
    response.writeHead(200, { Trailer: 'X-Checksum, X-Count' });
    response.write('body');
    response.addTrailers({ 'X-Checksum': 'abc', 'X-Count': '1' });
    response.end();
  },
  '/until-close': (request, response) => {
    response.removeHeader('Transfer-Encoding');
    response.useChunkedEncodingByDefault = false;
    response.shouldKeepAlive = false;
    response.write('until ');
    response.end('close');
  },
  '/early-hints': (request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' });
    response.writeProcessing();
    response.end('after the hints');
  },
  '/no-content': (request, response) => {
    response.writeHead(204);
    response.end();
  },
  '/not-modified': (request, response) => {
    response.writeHead(304, { ETag: '"v1"' });
    response.end();
  },
  '/large': (request, response) => {
    const piece = Buffer.alloc(64 * 1024, 'x');
    let left = 128;
    const go = () => {
      while (left > 0) {
        left -= 1;
        if (!response.write(piece)) {
          response.once('drain', go);
          return;
        }
      }
      response.end();
    };
    go();
  },
  // Answers at once and never reads the body.
  '/too-large': (request, response) => {
    response.writeHead(413, { Connection: 'close' });
    response.end('too large');
  },
};

function answer(request, response) {
  const route = routes[request.url.split('?')[0]];
  if (route) {
    route(request, response);
  } else {
    response.writeHead(404);
    response.end('no such route');
  }
}

const server = http.createServer(answer);
server.on('connection', (socket) => {
  connections += 1;
  socket.number = connections;
});
server.on('checkContinue', (request, response) => {
  if (request.url === '/refuse') {
    response.writeHead(417);
    response.end('no');
    return;
  }
  response.writeContinue();
  response.setHeader('X-Continued', 'yes');
  answer(request, response);
});
server.keepAliveTimeout = 5000;
server.listen(Number(process.argv[2]), '127.0.0.1');
