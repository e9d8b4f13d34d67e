/**
 * The conformance suite: an engine is held to what the Linux kernel is known to do, row by row, on
 * each kind of memory. Without any test framework, so that users can run it too.
 *
 * <ul>
 *   <li>{@link io.faultline.uffd.conformance.Conformance}: runs it; {@link
 *       io.faultline.uffd.conformance.Matrix}: what came of it.
 *   <li>{@link io.faultline.uffd.conformance.Rig}: what cases need of an engine beyond {@link
 *       io.faultline.uffd.Kernel}; {@link io.faultline.uffd.conformance.Conformance#kernel} and
 *       {@link io.faultline.uffd.conformance.Conformance#simulated} make those of the two engines.
 *   <li>{@link io.faultline.uffd.conformance.CaseContext}: what one case works with.
 *   <li>The cases, a class for each group: {@code ApiCases}, {@code RegisterCases}, {@code
 *       CopyCases}, {@code WakeCases}, {@code MinorCases}, {@code ProtectCases}, {@code MoveCases},
 *       {@code MemoryErrorCases}, {@code EventCases}, {@code ForkCases}, {@code PagemapCases}, and
 *       {@code StressCases}.
 * </ul>
 */
@NullMarked
package io.faultline.uffd.conformance;

import org.jspecify.annotations.NullMarked;
