import type { Model } from '../../api/types.js';
import { figuresOf, figureText, refText } from './model-text.js';

/** The figures of record of models side by side, as their bundles state them; folded away where there is one model. */
export function Figures({ models }: { readonly models: readonly Model[] }) {
  const figures = models.map(({ metrics }) => new Map(figuresOf(metrics)));
  const names = [...new Set(figures.flatMap((each) => [...each.keys()]))];
  if (names.length === 0) return models.length > 1 ? <p className="small muted">The bundles state no figures.</p> : null;
  const table = (
    <div className="figures">
      <table>
        {models.length > 1 ? (
          <thead>
            <tr>
              <th scope="col">Figure of record</th>
              {models.map((model) => (
                <th key={refText(model)} scope="col" className="number">
                  {refText(model)}
                </th>
              ))}
            </tr>
          </thead>
        ) : null}
        <tbody>
          {names.map((name) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {figures.map((each, index) => {
                const figure = each.get(name);
                return (
                  <td key={index} className="number">
                    {figure === undefined ? '–' : figureText(figure)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
  return models.length > 1 ? (
    table
  ) : (
    <details className="small">
      <summary>Figures of record</summary>
      {table}
    </details>
  );
}
