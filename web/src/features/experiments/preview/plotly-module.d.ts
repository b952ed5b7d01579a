declare module 'plotly.js-cartesian-dist-min' {
  /** The part of Plotly's functions that is used here; figures are for Plotly to judge. */
  const Plotly: {
    newPlot(
      element: HTMLElement,
      data: readonly unknown[],
      layout: object,
      config: { responsive?: boolean; displaylogo?: boolean },
    ): Promise<unknown>;
    purge(element: HTMLElement): void;
  };
  export default Plotly;
}
