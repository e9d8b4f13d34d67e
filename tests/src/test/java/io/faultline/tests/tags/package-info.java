/**
 * When a test runs.
 *
 * <ul>
 *   <li>{@link io.faultline.tests.tags.RunsAlone}: it needs the machine's huge pages to itself.
 *   <li>{@link io.faultline.tests.tags.Nightly}: it only repeats another test, more thoroughly.
 * </ul>
 */
@NullMarked
package io.faultline.tests.tags;

import org.jspecify.annotations.NullMarked;
