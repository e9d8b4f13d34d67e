/**
 * The hidden commands from which the launcher records the AOT caches of the JVM.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.training.TrainCommand}: of nodes, by all their rehearsals.
 *   <li>{@link io.faultline.cli.training.TrainRestoreCommand}: of commands that restore processes;
 *       {@code RehearsedCommand} runs one of them.
 * </ul>
 */
@NullMarked
package io.faultline.cli.training;

import org.jspecify.annotations.NullMarked;
