import { BarChart, HeatmapChart, LineChart, ParallelChart, ScatterChart } from 'echarts/charts';
import {
  AriaComponent,
  DataZoomInsideComponent,
  GridComponent,
  MarkAreaComponent,
  MarkLineComponent,
  ParallelComponent,
  TooltipComponent,
  VisualMapComponent,
} from 'echarts/components';
import { type EChartsType, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import type { EChartsOption } from 'echarts/types/dist/shared';

let registered = false;

/** Starts a chart in an element, with the parts of ECharts that Trimtab draws with and no others. */
export function startChart(element: HTMLElement): EChartsType {
  if (!registered) {
    use([
      LineChart,
      BarChart,
      ScatterChart,
      HeatmapChart,
      ParallelChart,
      GridComponent,
      TooltipComponent,
      MarkAreaComponent,
      MarkLineComponent,
      ParallelComponent,
      VisualMapComponent,
      DataZoomInsideComponent,
      AriaComponent,
      CanvasRenderer,
    ]);
    registered = true;
  }
  return init(element);
}

export type ChartOption = EChartsOption;
