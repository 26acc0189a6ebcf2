/** Ids of tenants, sensors and rules: in keys of topics, MQTT topics and user names, paths of the HTTP API. */
export const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Event id of what no event told of, by what it is: telling it twice is one. onsetUs: microseconds since the Unix epoch. */
export const missedEventId = (sensorId: string, label: string, onsetUs: number): string =>
  `missed/${sensorId}/${label}/${onsetUs}`;

/** For error messages. */
export const ID_RULE = '1 to 64 of A-Z a-z 0-9 . _ -, first a letter or digit';
