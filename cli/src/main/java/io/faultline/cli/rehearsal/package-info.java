/**
 * Runs a node's code before a real VM waits for it.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.rehearsal.NodeRehearsal}: small migrations in this JVM, at the
 *       start of {@code source} and {@code dest}.
 *   <li>{@link io.faultline.cli.rehearsal.TrainCommand}: the hidden command {@code train}, from
 *       which the launcher records the AOT cache.
 *   <li>{@link io.faultline.cli.rehearsal.TrainRestoreCommand}: the same for commands that restore
 *       processes; {@code RehearsedCommand} runs one of them.
 * </ul>
 */
@NullMarked
package io.faultline.cli.rehearsal;

import org.jspecify.annotations.NullMarked;
