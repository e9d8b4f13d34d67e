/**
 * What a report shows besides the result: recorded by both nodes while they migrate, if the user
 * wants a report.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.recording.SourceRecorder}, {@link
 *       io.faultline.cli.recording.DestinationRecorder}: switch the recordings of a node on, and
 *       collect them. {@code ProgressSampler} samples the progress of the source, into a {@code
 *       SampleSeries} of constant size, and then {@link io.faultline.cli.recording.Samples}.
 *   <li>{@link io.faultline.cli.recording.MigrationRecording}: what was recorded, of the {@link
 *       io.faultline.cli.recording.SourceSide}, of the {@link
 *       io.faultline.cli.recording.DestinationSide}, or of both.
 *   <li>{@link io.faultline.cli.recording.RestoreRecording}: of a lazy restore.
 *   <li>{@link io.faultline.cli.recording.RecordingFile}: how {@code demo} gets it from its nodes.
 * </ul>
 */
@NullMarked
package io.faultline.cli.recording;

import org.jspecify.annotations.NullMarked;
