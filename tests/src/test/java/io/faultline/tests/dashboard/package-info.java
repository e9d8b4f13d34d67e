/**
 * docs/grafana-dashboard.json, and a picture of it.
 *
 * <ul>
 *   <li>{@link io.faultline.tests.dashboard.Dashboard}: its {@code Panel}s, and their queries
 *       ({@code Target}). {@code DashboardTest} checks what Grafana would not accept or not show.
 *   <li>{@link io.faultline.tests.dashboard.DashboardPage}: the picture, an HTML page with each
 *       panel at its place. The answers to its queries are {@code Series}, and come from a {@link
 *       io.faultline.tests.dashboard.RangeQuery}. {@code Plot} has the axes, {@code Units} writes
 *       numbers as Grafana does.
 *   <li>A drawing for each type of panel: {@code LinesDrawing}, {@code HeatmapDrawing}, {@code
 *       StatesDrawing}, {@code StatDrawing}, {@code BarsDrawing}.
 * </ul>
 */
@NullMarked
package io.faultline.tests.dashboard;

import org.jspecify.annotations.NullMarked;
