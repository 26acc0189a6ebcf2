/** Days that rows are kept, counted from when they were stored, not from their event time: late history is kept as long as fresh. */
export interface Retention {
  readonly levelsDays: number;
  readonly classificationsDays: number;
  readonly eventsDays: number;
  readonly anomaliesDays: number;
  readonly alertsDays: number;
  readonly reviewsDays: number;
  readonly windowsDays: number;
}

/** Sets the TTL of every table; changes the definition only, parts are dropped by the engine when their time has come. */
export const retentionStatements = (retention: Retention): readonly string[] => {
  const modify = (table: string, since: string, days: number): string =>
    `ALTER TABLE ${table}_rows MODIFY TTL ${since} + toIntervalDay(${days}) SETTINGS materialize_ttl_after_modify = 0`;
  return [
    modify('levels_1s', 'inserted_time', retention.levelsDays),
    modify('classifications', 'inserted_time', retention.classificationsDays),
    modify('events', 'inserted_time', retention.eventsDays),
    modify('anomalies', 'inserted_time', retention.anomaliesDays),
    modify('alerts', 'inserted_time', retention.alertsDays),
    modify('reviews', 'inserted_time', retention.reviewsDays),
    ...['levels_1m', 'levels_15m', 'levels_1h', 'levels_1d'].map((table) =>
      modify(table, 'toDateTime(computed_at)', retention.windowsDays),
    ),
  ];
};
