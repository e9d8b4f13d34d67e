/**
 * The lazy memory of a restored process as it is now.
 *
 * <ul>
 *   <li>{@link io.faultline.restore.space.Space}: the entry; {@code SpaceState} is what it knows.
 *   <li>{@code SpaceEvents}: reads events and applies them ({@code LeftRanges} for moves).
 *   <li>{@code PageFills}: places pages of the dump; {@code ZeroFills}: resolves faults on all
 *       other memory; {@link io.faultline.restore.space.ZeroPages}: how zeros are filled.
 *   <li>{@code PresentPages}: what is there already, for a program that takes over.
 *   <li>{@link io.faultline.restore.space.DumpLayout}: the pages of the dump, numbered; {@code
 *       AddressMap}, on {@code IntervalMap}: where each is mapped now; {@code WaitingFaults}: which
 *       threads sleep, and {@link io.faultline.restore.space.FaultLatencies} for how long; {@link
 *       io.faultline.restore.space.SpaceCounters}.
 * </ul>
 */
@NullMarked
package io.faultline.restore.space;

import org.jspecify.annotations.NullMarked;
