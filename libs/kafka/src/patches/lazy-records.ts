import v4 from 'kafkajs/src/protocol/requests/fetch/v4/response.js';
import v5 from 'kafkajs/src/protocol/requests/fetch/v5/response.js';
import v6 from 'kafkajs/src/protocol/requests/fetch/v6/response.js';
import v7 from 'kafkajs/src/protocol/requests/fetch/v7/response.js';
import v8 from 'kafkajs/src/protocol/requests/fetch/v8/response.js';
import v9 from 'kafkajs/src/protocol/requests/fetch/v9/response.js';
import v10 from 'kafkajs/src/protocol/requests/fetch/v10/response.js';
import v11 from 'kafkajs/src/protocol/requests/fetch/v11/response.js';
import { readFetchAnswer } from '../consume/fetch-answer';

/**
 * kafkajs 2.2.4 makes a string, a buffer and an object of each header of each record, whether anybody looks at it or not. Its
 * answers to Fetch are read by a decoder of our own instead, which leaves the headers where they lie until somebody asks.
 * Versions below 4 know no headers.
 */
[v4, v5, v6, v7, v8, v9, v10, v11].forEach((response, index) => {
  response.decode = (answer) => readFetchAnswer(4 + index, answer);
});
