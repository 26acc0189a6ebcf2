import { Controller, Inject } from '@nestjs/common';
import type { ClickHouse } from '@earshot/platform/clickhouse';

import { endpoints } from '../endpoints.js';
import type { InputOf } from '../http/endpoint.js';
import { ApiError } from '../http/errors.js';
import { Input, Serves } from '../http/serves.js';
import type { KnownThings } from '../peers/registry-view.js';
import { dateRangeOf, gridOf, levelsRangeOf, listRangeOf } from '../query/range.js';
import { isoOf } from '../query/time.js';
import { readDays } from '../store/days.js';
import { readSeries } from '../store/level-series.js';
import { readSeconds, readWindows } from '../store/levels.js';
import { pageRequestOf, type PageRequest } from '../store/pages.js';
import { readMarks } from '../store/reviews.js';
import { readAlerts, readAnomalies, readClassifications, readEvents } from '../store/sound.js';
import { CLICKHOUSE, REGISTRY_VIEW } from '../tokens.js';

const nowUs = (): number => Date.now() * 1000;
const rangeJson = (request: PageRequest) => ({ from: isoOf(request.fromUs), to: isoOf(request.toUs) });

/** What sensors heard, from ClickHouse; always of the key's tenant. */
@Controller('v1')
export class SoundController {
  constructor(
    @Inject(CLICKHOUSE) private readonly clickhouse: ClickHouse,
    @Inject(REGISTRY_VIEW) private readonly known: KnownThings,
  ) {}

  @Serves(endpoints.listLevels)
  async levels(@Input() { tenantId, parameters, query }: InputOf<typeof endpoints.listLevels>) {
    const sensorId = parameters.id;
    await this.known.assertSensor(tenantId, sensorId);
    const request = pageRequestOf(`levels ${sensorId}`, query, () => levelsRangeOf(query, nowUs()));
    const { resolution } = levelsRangeOf(
      { from: request.fromUs, to: request.toUs, resolution: query.resolution },
      nowUs(),
    );
    if (resolution !== '1s' && query.include !== undefined) {
      throw new ApiError('bad_request', `include is for resolution 1s, resolution is ${resolution}`);
    }
    const sensor = { tenantId, sensorId };
    const found =
      resolution === '1s'
        ? await readSeconds(this.clickhouse, sensor, request, query.include ?? [])
        : await readWindows(this.clickhouse, sensor, request, resolution);
    return { sensorId, resolution, ...rangeJson(request), ...found };
  }

  @Serves(endpoints.listLevelSeries)
  async series(@Input() { tenantId, query }: InputOf<typeof endpoints.listLevelSeries>) {
    const { resolution, sensorIds, quantities = ['laeqDb' as const] } = query;
    await Promise.all((sensorIds ?? []).map((id) => this.known.assertSensor(tenantId, id)));
    const request = pageRequestOf('series', { ...query, order: 'asc' }, () => listRangeOf(query, nowUs(), 24));
    const grid = gridOf(request, resolution);
    const asked = { tenantId, sensorIds, resolution, quantities, grid };
    return {
      ...{ resolution, ...rangeJson(request), start: isoOf(grid.startS * 1e6) },
      ...{ windowMs: grid.windowS * 1000, windows: grid.windows, quantities },
      ...(await readSeries(this.clickhouse, asked, request)),
    };
  }

  @Serves(endpoints.listDays)
  async days(@Input() { tenantId, parameters, query }: InputOf<typeof endpoints.listDays>) {
    const sensorId = parameters.id;
    await this.known.assertSensor(tenantId, sensorId);
    const range = dateRangeOf(query.from, query.to, nowUs());
    return {
      sensorId,
      ...range,
      items: await readDays(this.clickhouse, { tenantId, sensorId }, range),
      nextCursor: null,
    };
  }

  @Serves(endpoints.listClassifications)
  async classifications(@Input() { tenantId, parameters, query }: InputOf<typeof endpoints.listClassifications>) {
    const sensorId = parameters.id;
    if (query.minProbability !== undefined && query.label === undefined) {
      throw new ApiError('bad_request', 'minProbability is for one label: give label too');
    }
    await this.known.assertSensor(tenantId, sensorId);
    const request = pageRequestOf(`classifications ${sensorId}`, query, () => listRangeOf(query, nowUs(), 1));
    const heard =
      query.label === undefined ? undefined : { label: query.label, minProbability: query.minProbability ?? 0.5 };
    const found = await readClassifications(this.clickhouse, { tenantId, sensorId }, request, heard);
    return { sensorId, ...rangeJson(request), ...found };
  }

  @Serves(endpoints.listEvents)
  async events(@Input() { tenantId, query }: InputOf<typeof endpoints.listEvents>) {
    const request = pageRequestOf('events', query, () => listRangeOf(query, nowUs(), 24));
    const found = await readEvents(this.clickhouse, tenantId, request, query);
    const marks = await readMarks(this.clickhouse, tenantId, found.items);
    const items = found.items.map((event) => ({ ...event, review: marks.get(event.id) ?? null }));
    return { ...rangeJson(request), items, nextCursor: found.nextCursor };
  }

  @Serves(endpoints.listAnomalies)
  async anomalies(@Input() { tenantId, query }: InputOf<typeof endpoints.listAnomalies>) {
    const request = pageRequestOf('anomalies', query, () => listRangeOf(query, nowUs(), 24));
    return { ...rangeJson(request), ...(await readAnomalies(this.clickhouse, tenantId, request, query)) };
  }

  @Serves(endpoints.listAlerts)
  async alerts(@Input() { tenantId, query }: InputOf<typeof endpoints.listAlerts>) {
    const request = pageRequestOf('alerts', query, () => listRangeOf(query, nowUs(), 24));
    return { ...rangeJson(request), ...(await readAlerts(this.clickhouse, tenantId, request, query)) };
  }
}
