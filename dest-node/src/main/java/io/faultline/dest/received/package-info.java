/**
 * Which pages have been received, and the report of them with which a recovery begins. Nothing is
 * tracked for it during the migration.
 *
 * <ol>
 *   <li>{@link io.faultline.dest.received.ReceivedPages} answers the question: with placement copy
 *       from the kernel's page table ({@code PresentPages}), with placement continue from a copy of
 *       the current bitmap ({@link io.faultline.dest.received.ReceivedSnapshot}).
 *   <li>{@code ReportWriter} turns the answer into frames of a bounded size.
 *   <li>{@link io.faultline.dest.received.ReportSender} sends them as fast as the control
 *       connection accepts them.
 * </ol>
 *
 * <p>All of it is confined to the control loop.
 */
@NullMarked
package io.faultline.dest.received;

import org.jspecify.annotations.NullMarked;
