import { KAFKA_APIS, kafkaApiName } from './kafka-apis';
import { UnreadableFrameError } from './unreadable-frame-error';

/** What can be told of a request without knowing its body. */
export interface KafkaRequest {
  readonly apiKey: number;
  /** `Produce`; `api-99` for one that has no name here. */
  readonly api: string;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
  /** False for a produce request with acks=0, which the broker does not answer. */
  readonly answered: boolean;
}

const API_KEY_AT = 4;
const API_VERSION_AT = 6;
const CORRELATION_ID_AT = 8;
const CLIENT_ID_AT = 12;
const FLEXIBLE_PRODUCE_VERSION = 9;
const TRANSACTIONAL_PRODUCE_VERSION = 3;

/**
 * Reads the header of a request's frame (its length in front). The client id has the same form in every version of the
 * header, also in the flexible ones (KIP-482).
 * @throws UnreadableFrameError for a frame that is shorter than it says.
 */
export function readKafkaRequest(frame: Buffer): KafkaRequest {
  try {
    return readHeader(frame);
  } catch (cause) {
    throw new UnreadableFrameError(`a request of ${frame.length} bytes ends within its header`, { cause });
  }
}

/** The correlation id of a response's frame. @throws UnreadableFrameError for a frame that is shorter than that. */
export function readCorrelationId(frame: Buffer): number {
  if (frame.length >= 8) return frame.readInt32BE(4);
  throw new UnreadableFrameError(`a response of ${frame.length} bytes has no correlation id`);
}

function readHeader(frame: Buffer): KafkaRequest {
  const apiKey = frame.readInt16BE(API_KEY_AT);
  const apiVersion = frame.readInt16BE(API_VERSION_AT);
  const clientIdBytes = frame.readInt16BE(CLIENT_ID_AT);
  const bodyAt = CLIENT_ID_AT + 2 + Math.max(0, clientIdBytes);
  return {
    apiKey,
    api: kafkaApiName(apiKey),
    apiVersion,
    correlationId: frame.readInt32BE(CORRELATION_ID_AT),
    clientId: clientIdBytes < 0 ? null : frame.toString('utf8', CLIENT_ID_AT + 2, bodyAt),
    answered: apiKey !== KAFKA_APIS.Produce || readAcks(frame, apiVersion, bodyAt) !== 0,
  };
}

function readAcks(frame: Buffer, apiVersion: number, bodyAt: number): number {
  if (apiVersion < TRANSACTIONAL_PRODUCE_VERSION) return frame.readInt16BE(bodyAt);
  if (apiVersion < FLEXIBLE_PRODUCE_VERSION) {
    return frame.readInt16BE(bodyAt + 2 + Math.max(0, frame.readInt16BE(bodyAt)));
  }
  const varints = new Varints(frame, bodyAt);
  for (let tagged = varints.read(); tagged > 0; tagged--) {
    varints.read();
    varints.skip(varints.read());
  }
  // A compact string is preceded by its length and one, a null string by 0.
  varints.skip(Math.max(0, varints.read() - 1));
  return frame.readInt16BE(varints.at);
}

/** Reads unsigned varints one after the other. */
class Varints {
  constructor(
    private readonly frame: Buffer,
    public at: number,
  ) {}

  read(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.frame.readUInt8(this.at++);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  skip(bytes: number): void {
    this.at += bytes;
  }
}
