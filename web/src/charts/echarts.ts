import { BarChart, HeatmapChart, LineChart, ScatterChart } from 'echarts/charts';
import {
  AriaComponent,
  DataZoomInsideComponent,
  GridComponent,
  MarkAreaComponent,
  MarkLineComponent,
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
      GridComponent,
      TooltipComponent,
      MarkAreaComponent,
      MarkLineComponent,
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
