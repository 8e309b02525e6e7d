import type { IncomingMessage } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { constants, createGunzip, createZstdDecompress, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { BodyEncodingError, BodyTooLargeError, EncodingNotSupportedError } from '../request-errors';

export type ContentEncoding = 'identity' | 'gzip' | 'zstd';

/** RFC 9659: what a sender may expect of a receiver of zstd, 8 MiB. More would be memory at the sender's command. */
const ZSTD = { params: { [constants.ZSTD_d_windowLogMax]: 23 } };

/** @throws EncodingNotSupportedError for anything but one of gzip, zstd and identity. */
export function contentEncoding({ headers }: IncomingMessage): ContentEncoding {
  const named = headers['content-encoding'];
  if (named === undefined) return 'identity';
  const encoding = named.trim().toLowerCase();
  if (encoding === 'identity' || encoding === 'gzip' || encoding === 'zstd') return encoding;
  // RFC 9110, section 8.4.1.3.
  if (encoding === 'x-gzip') return 'gzip';
  throw new EncodingNotSupportedError();
}

/**
 * Inflates a whole body. Synchronous: so at most one body is inflated at a time, and none holds more than `maxBytes`.
 * @throws BodyTooLargeError as soon as it is known, BodyEncodingError for bytes that are not of that encoding.
 */
export function inflateBody(bytes: Buffer, encoding: ContentEncoding, maxBytes: number): Buffer {
  try {
    switch (encoding) {
      case 'identity':
        return bytes;
      case 'gzip':
        return gunzipSync(bytes, { maxOutputLength: maxBytes });
      case 'zstd':
        return zstdDecompressSync(bytes, { ...ZSTD, maxOutputLength: maxBytes });
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new BodyTooLargeError(maxBytes);
    throw new BodyEncodingError(encoding);
  }
}

/**
 * Inflates a body as it arrives, no faster than it is read. Ends with BodyEncodingError for bytes that are not of that
 * encoding, and with an error when the connection breaks; leaves the connection open.
 */
export function inflateStream(request: IncomingMessage, encoding: ContentEncoding): Readable {
  if (encoding === 'identity') return request;
  const inflater: Transform = encoding === 'gzip' ? createGunzip() : createZstdDecompress(ZSTD);
  // Not `pipeline`: it would destroy the connection with the inflater, and the answers with it.
  request.pipe(inflater);
  request.once('close', () => {
    if (!request.complete) inflater.destroy(new Error('The connection closed before the body ended.'));
  });
  return inflater;
}

/** The inflater's own error says which table of the format was broken: of no use to a client, and no 500 either. */
export function asEncodingError(error: unknown, encoding: ContentEncoding): unknown {
  const { code = '' } = error as NodeJS.ErrnoException;
  const fromInflater =
    code.startsWith('Z_') || code.startsWith('ZSTD_') || code === 'ERR_TRAILING_JUNK_AFTER_STREAM_END';
  return fromInflater && encoding !== 'identity' ? new BodyEncodingError(encoding) : error;
}
