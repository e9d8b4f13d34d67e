/**
 * What a destination node keeps so that another process can go on with its migration if it is
 * killed. Only for a VM that outlives the node, such as that of a QEMU.
 *
 * <ol>
 *   <li>{@link io.faultline.dest.takeover.MigrationIdentity}: what does not change, and with which
 *       the source finds the same destination again.
 *   <li>{@link io.faultline.dest.takeover.SurvivingState}: what changes, in a mapped file: the
 *       {@link io.faultline.dest.takeover.TakeOverStage}, and with placement continue the {@link
 *       io.faultline.dest.takeover.WrittenPages}.
 *   <li>{@link io.faultline.dest.takeover.StateKeeper}: stores the first and creates the second,
 *       once a source has described its VM.
 * </ol>
 */
@NullMarked
package io.faultline.dest.takeover;

import org.jspecify.annotations.NullMarked;
