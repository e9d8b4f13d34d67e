/**
 * The arrows between modules and packages, and the rules of style that a machine can check: {@link
 * io.faultline.tests.architecture.ModuleArrowsTest}, {@link
 * io.faultline.tests.architecture.StyleRulesTest}.
 */
@NullMarked
package io.faultline.tests.architecture;

import org.jspecify.annotations.NullMarked;
