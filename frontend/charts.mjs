// The part of ECharts that Yulan draws with: bars, lines, pies, points, areas of a map and flows of money.
import * as core from "echarts/core";
import { BarChart, LineChart, MapChart, PieChart, SankeyChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent, GeoComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, VisualMapComponent,
} from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";

core.use([
  BarChart, LineChart, MapChart, PieChart, SankeyChart, ScatterChart,
  AriaComponent, GeoComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, VisualMapComponent,
  CanvasRenderer,
]);

export const { init, registerMap, getInstanceByDom } = core;
