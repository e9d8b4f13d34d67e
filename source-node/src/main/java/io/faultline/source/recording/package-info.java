/**
 * Records an outgoing migration, for a report at its end. Off unless {@link
 * io.faultline.source.SourceSettings} has an {@link
 * io.faultline.source.recording.OutgoingRecording}, which the control loop writes.
 *
 * <ul>
 *   <li>{@link io.faultline.source.recording.OutgoingEvents}: what was recorded.
 *   <li>{@link io.faultline.source.recording.OutgoingMilestones}: when the steps happened.
 * </ul>
 */
@NullMarked
package io.faultline.source.recording;

import org.jspecify.annotations.NullMarked;
