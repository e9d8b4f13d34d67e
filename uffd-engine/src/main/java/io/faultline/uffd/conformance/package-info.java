/**
 * The conformance suite: checks an engine against the known behaviour of the Linux kernel, case by
 * case, on each kind of memory. It needs no test framework, so that users can run it too.
 *
 * <ul>
 *   <li>{@link io.faultline.uffd.conformance.Conformance}: the entry: runs the suite on an {@link
 *       io.faultline.uffd.conformance.Engine}, either {@link
 *       io.faultline.uffd.conformance.Conformance#kernel} ({@code LinuxEngine}) or {@link
 *       io.faultline.uffd.conformance.Conformance#simulated} ({@code SimulatedEngine}, {@code
 *       SimulatedChild}).
 *   <li>The rows, {@link io.faultline.uffd.conformance.ConformanceCase}, in {@code CaseCatalog};
 *       one class per {@code CaseGroup}: {@code ApiCases}, {@code RegisterCases}, {@code
 *       CopyCases}, {@code WakeCases}, {@code MinorCases}, {@code ProtectCases}, {@code MoveCases},
 *       {@code PagingCases}, {@code MemoryErrorCases}, {@code EventCases}, {@code ForkCases},
 *       {@code ForeignCases}, {@code PagemapCases}, {@code StressCases} (with {@code StressRound},
 *       {@code StressMemory}).
 *   <li>The columns: {@link io.faultline.uffd.conformance.MemoryType}.
 *   <li>{@code CellRunner}: runs one cell on its own thread, with a time limit. A case works with a
 *       {@link io.faultline.uffd.conformance.CaseContext}, which closes everything afterwards:
 *       {@code Area} (memory), {@code EventReader}, {@code GuestThread} (a thread that may sleep in
 *       a fault), {@code PageTable} and {@code Expect} (assertions).
 *   <li>{@link io.faultline.uffd.conformance.Matrix}: the results, one {@link
 *       io.faultline.uffd.conformance.CellResult} with a {@link
 *       io.faultline.uffd.conformance.Verdict} per cell; {@code MatrixPrinter} prints them.
 * </ul>
 */
@NullMarked
package io.faultline.uffd.conformance;

import org.jspecify.annotations.NullMarked;
