/**
 * When a test runs: {@link io.faultline.tests.tags.RunsAlone} for one that needs the machine to
 * itself, {@link io.faultline.tests.tags.Nightly} for one that only repeats.
 */
@NullMarked
package io.faultline.tests.tags;

import org.jspecify.annotations.NullMarked;
