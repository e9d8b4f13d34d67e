/**
 * The races between placing a page and reading the fault for it, replayed and explored on the
 * simulated kernel.
 *
 * <ul>
 *   <li>{@link io.faultline.uffd.races.Races}: the entry: runs everything, prints a report.
 *   <li>{@code Scenario}: which kernel, and whether user space works around its races.
 *   <li>{@code PostcopyProgram}: the program: a vCPU, a background thread and a fault reader
 *       ({@code Role}).
 *   <li>{@code Interleaver}: runs these threads ({@code Actor}) one at a time, in the order that a
 *       {@code Chooser} selects; records each {@code Action}. {@code Run}: the result.
 *   <li>Choosers: {@code Script}: the two interleavings that lose a wake-up, action by action;
 *       {@code Exploration}: all interleavings, by their states, which {@code StateGraph} counts.
 *   <li>{@code Diagram}: prints a run.
 * </ul>
 *
 * <p>Each actor has a virtual thread; the thread that calls {@code Races.run} drives them, and only
 * one of all these threads runs at any time.
 */
@NullMarked
package io.faultline.uffd.races;

import org.jspecify.annotations.NullMarked;
