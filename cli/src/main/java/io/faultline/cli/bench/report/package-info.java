/**
 * The reports of a {@link io.faultline.cli.bench.result.BenchResult}: {@link
 * io.faultline.cli.bench.report.TextReport}, {@link io.faultline.cli.bench.report.JsonReport} and
 * {@link io.faultline.cli.bench.report.HtmlReport}. Text and HTML share {@code TableRows}; HTML
 * adds {@code BarPlot}, {@code LatencyPlot} and {@link io.faultline.cli.bench.report.BufferPlot},
 * drawn as {@link io.faultline.cli.svg.Svg}, and the style sheet {@code bench.css}.
 */
@NullMarked
package io.faultline.cli.bench.report;

import org.jspecify.annotations.NullMarked;
