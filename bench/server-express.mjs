// The limit that ingest is measured beside: Express that reads the body, and answers.
import express from 'express';

const app = express();
app.use(express.raw({ type: () => true, limit: '1mb' }));
app.post('/v1/webhooks/bench', (request, response) => {
  response.status(202).json({ reference_id: `r-${request.body.length}` });
});
const server = app.listen(0, '127.0.0.1', () =>
  process.send({ url: `http://127.0.0.1:${server.address().port}` }),
);
