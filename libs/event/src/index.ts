/** The envelope of an event, its identity, key and position: how a record in the log and a CloudEvent map. */
export { isAttributeText, isSampledTrace, isTraceparent, maxAttributeLength } from './attribute-text';
export { encodeEventHeaders, findIdentity, identityOf, readEventMetadata } from './cloud-event';
export type { EventAttributes, EventHeaders, EventMetadata } from './cloud-event';
export { defaultExtensionLimits, findExtensionFaults, isExtensionName } from './extensions';
export type { ExtensionFault } from './extensions';
export { InvalidPositionError, NotAnEventError } from './errors';
export { parseUtcTime } from './iso-time';
export { byteRangeOf, textOf } from './log-record';
export type { ByteRange, LogRecord, RawHeader } from './log-record';
export { LooseRecord } from './loose-record';
export type { LooseRecordParts } from './loose-record';
export { murmur2 } from './murmur2';
export { partitionFor } from './partition';
export { formatPosition, formatTopicPartition, parsePosition } from './position';
export type { Position, TopicPartition } from './position';
export { RepeatWindow } from './repeat-window';
export { textBetween } from './text-between';
