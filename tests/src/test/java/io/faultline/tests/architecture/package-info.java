/**
 * Rules for the code and the pages of the project that a machine can check.
 *
 * <ul>
 *   <li>{@code ModuleDependenciesTest}: which modules and packages may depend on which (ArchUnit).
 *   <li>{@code StyleRulesTest}: no clock in state machines, no wait by the time of day, no mutable
 *       static state, standard streams, package-info.java everywhere (ArchUnit).
 *   <li>{@code MainCode}: the classes that both check.
 *   <li>{@code DocumentedTestsTest}: the tests that README.md and docs name exist.
 *   <li>{@code WordListTest}: words that no comment, message or page uses; {@code ProjectFiles}
 *       finds the texts.
 * </ul>
 */
@NullMarked
package io.faultline.tests.architecture;

import org.jspecify.annotations.NullMarked;
